// The local directive in a block's chain: the host's own names are answered here.
#include "query/step.h"

#include <memory>
#include <string>

#include "metrics/counter_table.h"
#include "net/counter.h"
#include "plugins/building.h"
#include "plugins/local/answer.h"
#include "plugins/local/setup.h"
#include "query/walk.h"

namespace fairlead::plugins::local {
namespace {

struct alignas(64) LocalCounters {
  net::Counter localhost;
};

void collect(const metrics::CounterTableOf<LocalCounters>::Slots& slots,
             metrics::FamilySet& families) {
  auto& requests = families.counter({"coredns_local_localhost_requests_total",
                                     "Questions for names below localhost and localhost.NAME.",
                                     {}});
  for (const auto& [labels, workers] : slots) {
    for (const LocalCounters& counters : *workers)
      requests.add({}, static_cast<double>(counters.localhost.value()));
  }
}

class Local : public query::Step {
 public:
  Local(Options options, bool debug, size_t counters, net::LogSink& log)
      : options_(options), debug_(debug), counters_(counters), log_(log) {}

  query::Turn ask(query::Walk& walk) const override {
    const Kind kind = kind_of(walk.question(), options_.prefix);
    if (kind == Kind::NotMine) return query::Turn::Pass;
    if (walk.telling() != nullptr) {
      walk.telling()->tell("answers what is the host's own");
    } else if (kind == Kind::Localhost) {
      note(walk);
    }
    answer(walk.question(), kind, walk.answer());
    return query::Turn::Done;
  }

 private:
  void note(const query::Walk& walk) const {
    if (counters_ != Building::kNotCounted) {
      auto* const counters = walk.counters<LocalCounters>(counters_);
      if (counters != nullptr) counters->localhost.add();
    }
    if (!debug_) return;
    log_.write(net::LogLevel::Debug, "local",
               "Intercepting localhost query for \"" +
                   dns::to_text(walk.question().lower_qname.view()) + "\" " +
                   dns::to_text(walk.question().qtype) + ", from " +
                   walk.peers().client.address.to_text());
  }

  const Options options_;
  const bool debug_;
  const size_t counters_;
  net::LogSink& log_;
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor)](Building& building) {
    const size_t counters = building.counters<LocalCounters>("local", collect);
    building.step(
        std::make_unique<Local>(options, building.plan().debug, counters, building.log()));
  });
}

}  // namespace fairlead::plugins::local
