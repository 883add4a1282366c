// The forward directive in a block's chain: one step for each line.
#include "query/step.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "forward/resolve_name.h"
#include "plugins/building.h"
#include "plugins/forward/exchange.h"
#include "plugins/forward/groups.h"
#include "plugins/forward/setup.h"
#include "plugins/forward/upstream.h"
#include "plugins/names.h"
#include "query/labels.h"

namespace fairlead::plugins::forward {
namespace {

using query::Turn;
using query::Walk;

class Forward : public query::Step {
 public:
  Forward(std::shared_ptr<const Lines> lines, size_t number, query::LocalAt<Exchanges> exchanges)
      : lines_(std::move(lines)), number_(number), exchanges_(std::move(exchanges)) {}

  Turn ask(Walk& walk) const override {
    if (!lines_->all[number_].takes(walk.question())) return Turn::Pass;
    return walk.local(exchanges_).begin(walk, lines_, number_);
  }
  [[nodiscard]] bool may_wait() const override { return true; }

 private:
  const std::shared_ptr<const Lines> lines_;
  const size_t number_;
  const query::LocalAt<Exchanges> exchanges_;
};

class UpstreamLabel final : public query::LabelSource {
 public:
  bool tell(std::string_view label, const query::Asked& asked, std::string& out) const override {
    if (label != "forward/upstream" || asked.walk == nullptr) return false;
    out += asked.walk->upstream();
    return !asked.walk->upstream().empty();
  }
};

// What the line would do.
class Told : public query::Step {
 public:
  Told(std::shared_ptr<const Lines> lines, size_t number, std::string upstreams)
      : lines_(std::move(lines)), number_(number), upstreams_(std::move(upstreams)) {}

  Turn ask(Walk& walk) const override {
    const ForwardLine& line = lines_->all[number_];
    if (!line.takes(walk.question())) {
      walk.telling()->tell("is not for this name");
      return Turn::Pass;
    }
    walk.telling()->tell("goes to forward " + list(line.from) + " " + upstreams_);
    walk.telling()->leave_to_upstream();
    return Turn::Done;
  }
  [[nodiscard]] bool may_wait() const override { return true; }

 private:
  const std::shared_ptr<const Lines> lines_;
  const size_t number_;
  const std::string upstreams_;
};

std::string upstreams_text(const Options& options) {
  std::string text;
  for (const Upstream& upstream : options.upstreams) {
    text += (text.empty() ? "" : ", ") + url_of(upstream);
  }
  return text;
}

// One line as it is read: all but the addresses of upstreams that are given by name.
struct Read {
  Options options;
  std::vector<dns::Name> from;
  std::vector<dns::Name> except;
};

ForwardLine make_line(const Read& read, Building& building) {
  ForwardLine line{.from = read.from,
                   .except = read.except,
                   .next = read.options.next,
                   .next_on_nodata = read.options.next_on_nodata,
                   .group = nullptr,
                   .in_flight = std::make_shared<fairlead::forward::InFlight>(),
                   .kept = nullptr};
  if (building.explaining() != nullptr) return line;
  line.kept = keep_group(engine_settings(read.options), building);
  line.group = line.kept->group;
  building.tell_status([group = line.group] { return status_of(*group); });
  return line;
}

void make_steps(const std::vector<Read>& all, Building& building) {
  auto lines = std::make_shared<Lines>();
  for (const Read& read : all) lines->all.push_back(make_line(read, building));
  lines->store = building.answer_store();
  lines->bettered = building.bettered();
  lines->tap = building.tap();
  const auto exchanges = building.local<Exchanges>([](asio::io_context& context, size_t worker) {
    return std::make_shared<Exchanges>(context, worker);
  });
  building.label(std::make_shared<const UpstreamLabel>());
  building.take_other_classes();
  for (size_t i = 0; i < all.size(); ++i) {
    if (building.explaining() != nullptr) {
      building.step(std::make_unique<Told>(lines, i, upstreams_text(all[i].options)));
    } else {
      building.step(std::make_unique<Forward>(lines, i, exchanges));
    }
  }
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  std::vector<Read> all;
  for (Options& options : parse(cursor, plan.context())) {
    Read& read = all.emplace_back();
    read.from = names_at(cursor, options.from);
    read.except = names_at(cursor, options.except);
    plan.identify(upstreams_text(options));  // resolv.conf may have changed
    read.options = std::move(options);
  }
  plan.make([all = std::move(all)](Building& building) { make_steps(all, building); });
}

}  // namespace fairlead::plugins::forward
