// The errors directive in a block: a line for each query that got no answer, or one for many.
#include "query/step.h"

#include <chrono>
#include <memory>
#include <utility>

#include "net/asio.h"
#include "plugins/building.h"
#include "plugins/errors/errors.h"
#include "plugins/errors/setup.h"
#include "query/walk.h"

namespace fairlead::plugins::errors {
namespace {

using net::Clock;

net::LogLevel log_level(Level level) {
  switch (level) {
    case Level::Warning:
      return net::LogLevel::Warning;
    case Level::Info:
      return net::LogLevel::Info;
    case Level::Debug:
      return net::LogLevel::Debug;
    case Level::Error:
      break;
  }
  return net::LogLevel::Error;
}

class Errors : public query::Observer {
 public:
  Errors(std::shared_ptr<Consolidation> errors, net::LogSink& log)
      : errors_(std::move(errors)), log_(log) {}

  void replied(const query::Walk& walk, const query::Reply& reply) const override {
    if (walk.error().empty()) return;
    const auto line = errors_->report(walk.received(), reply.rcode, walk.error(), Clock::now());
    if (line) log_.write(log_level(line->level), "errors", line->text);
  }

 private:
  const std::shared_ptr<Consolidation> errors_;
  net::LogSink& log_;
};

// The periods of `consolidate` end whether or not another query comes. Control thread.
class Summaries : public std::enable_shared_from_this<Summaries> {
 public:
  Summaries(asio::io_context& context, std::shared_ptr<Consolidation> errors, net::LogSink& log)
      : timer_(context), errors_(std::move(errors)), log_(log) {}
  // Workers may use the block a moment longer; what they still count is not told any more.
  ~Summaries() { tell(errors_->finish()); }
  Summaries(const Summaries&) = delete;
  Summaries& operator=(const Summaries&) = delete;

  void wait() {
    timer_.expires_after(kTick);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (error || !self) return;
      self->tell(self->errors_->due(Clock::now()));
      self->wait();
    });
  }

 private:
  static constexpr std::chrono::seconds kTick{1};  // how late a summary may come

  void tell(const std::vector<Line>& lines) {
    for (const Line& line : lines) log_.write(log_level(line.level), "errors", line.text);
  }

  net::Timer timer_;
  const std::shared_ptr<Consolidation> errors_;
  net::LogSink& log_;
};

void make_observer(const Options& options, Building& building) {
  const auto errors = std::make_shared<Consolidation>(options);
  net::LogSink& log = building.log();
  building.observe(std::make_unique<Errors>(errors, log));
  if (options.consolidate.empty()) return;
  building.while_served([errors, &log, &control = building.site().control] {
    auto summaries = std::make_shared<Summaries>(control, errors, log);
    summaries->wait();
    return summaries;
  });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor)](Building& building) { make_observer(options, building); });
}

}  // namespace fairlead::plugins::errors
