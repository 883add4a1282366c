// The example directive in a block's chain: answers A of its name when its time has come, TXT with
// the number of its answers so far, and follows its alias wherever that leads.
#include "query/step.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "net/asio.h"
#include "net/counter.h"
#include "plugins/building.h"
#include "query/walk.h"
#include "test/scenarios/example_directive/setup.h"

namespace fairlead::plugins::example {
namespace {

using query::Note;
using query::Turn;
using query::Walk;

constexpr uint32_t kTtl = 60;

// Kept over reloads as long as the line says the same.
struct Answered {
  explicit Answered(Options of) : options(std::move(of)) {}
  const Options options;
  net::Counter count;  // one worker writes it in the tests
};

struct Counters {
  net::Counter answers;
};

void collect_counters(const metrics::CounterTableOf<Counters>::Slots& slots,
                      metrics::FamilySet& families) {
  auto& family = families.counter(
      {"fairlead_example_answers_total", "Answers of the example directive.", {"server", "zone"}});
  for (const auto& [labels, workers] : slots) {
    for (const Counters& counters : *workers)
      add_seen(family, {labels.server, labels.zone}, counters.answers.value());
  }
}

// The walks of one worker that wait for their time.
class Waits final : public query::Awaited {
 public:
  explicit Waits(asio::io_context& context) : context_(context) {}

  Turn wait(Walk& walk, std::chrono::nanoseconds time) {
    auto& timer = timers_[&walk];
    timer = std::make_unique<net::Timer>(context_, time);
    timer->async_wait([this, &walk](const boost::system::error_code& error) {
      if (error) return;
      timers_.erase(&walk);
      walk.resume(Turn::Done);
    });
    return walk.wait(*this);
  }
  void leave(Walk& walk) noexcept override { timers_.erase(&walk); }

 private:
  asio::io_context& context_;
  std::map<Walk*, std::unique_ptr<net::Timer>> timers_;
};

// "1", "2", … up to `last`.
class Numbers final : public query::Messages {
 public:
  explicit Numbers(int64_t last) : last_(last) {}
  bool next(dns::Answer& answer) override {
    if (number_ == last_) return false;
    answer.add_txt(dns::kQname, kTtl, std::to_string(++number_));
    return true;
  }

 private:
  const int64_t last_;
  int64_t number_ = 0;
};

class Example final : public query::Step {
 public:
  Example(std::shared_ptr<Answered> answered, size_t counters, query::LocalAt<Waits> waits)
      : answered_(std::move(answered)), counters_(counters), waits_(std::move(waits)) {}

  [[nodiscard]] bool may_wait() const override { return true; }

  Turn ask(Walk& walk) const override {
    const Options& options = answered_->options;
    if (walk.question().lower_qname != options.name) {
      tell(walk, "is not for this name");
      return Turn::Pass;
    }
    tell(walk, "has the name");
    count(walk);
    if (options.alias) return follow(walk, *options.alias);
    if (walk.question().qtype == dns::RrType::Axfr && options.messages != 0) {
      if (!walk.can_send_many()) return walk.fail(dns::Rcode::Refused);
      return walk.send_many(std::make_unique<Numbers>(options.messages));
    }
    if (walk.question().qtype == dns::RrType::Txt) {
      walk.answer().add_txt(dns::kQname, kTtl, std::to_string(answered_->count.value()));
    } else if (walk.question().qtype == dns::RrType::A) {
      walk.answer().add_address(dns::Section::Answer, dns::kQname, kTtl, options.address);
    }
    if (options.wait.count() == 0 || walk.telling() != nullptr) return Turn::Done;
    if (!walk.can_wait()) return walk.fail(dns::Rcode::Refused, "plugin/example: too many wait");
    return walk.local(waits_).wait(walk, options.wait);
  }

  Turn see(Walk& walk, Note&) const override {
    walk.end_chain();
    return Turn::Done;
  }

 private:
  static void tell(const Walk& walk, const std::string& text) {
    if (walk.telling() != nullptr) walk.telling()->tell(text);
  }

  void count(Walk& walk) const {
    if (walk.telling() != nullptr) return;
    answered_->count.add();
    if (counters_ != Building::kNotCounted) walk.counters<Counters>(counters_)->answers.add();
  }

  static Turn follow(Walk& walk, const dns::Name& alias) {
    walk.answer().add_name_record(dns::RrType::Cname, dns::Section::Answer, dns::kQname, kTtl,
                                  walk.answer().add_name(alias.view()));
    return walk.ask_server(alias.view(), walk.question().qtype);
  }

  const std::shared_ptr<Answered> answered_;
  const size_t counters_;
  const query::LocalAt<Waits> waits_;
};

void make_step(const Options& options, Building& building) {
  auto answered =
      building.keep<Answered>([&](const Answered& other) { return other.options == options; },
                              [&] { return std::make_shared<Answered>(options); });
  const size_t counters = building.counters<Counters>("example", collect_counters);
  auto waits = building.local<Waits>(
      [](asio::io_context& context, size_t) { return std::make_shared<Waits>(context); });
  building.step(std::make_unique<Example>(std::move(answered), counters, std::move(waits)));
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor)](Building& building) { make_step(options, building); });
}

}  // namespace fairlead::plugins::example
