// A question to an upstream allocates nothing once a worker's tables have grown.
#include <doctest/doctest.h>

#include "test/unit/count_allocations.h"
#include "test/unit/forward/asked.h"

namespace fairlead::forward {
namespace {

/// Counts answers without keeping them.
struct Count final : Asker {
  void on_outcome(const Outcome& outcome) override {
    answered += outcome.status == Outcome::Status::Answered ? 1 : 0;
    ++told;
  }
  size_t told = 0, answered = 0;
};

TEST_CASE("allocations: none in asking an upstream over UDP") {
  ScriptedUpstream upstream(
      [](const AskedQuery& query) { return std::vector<Octets>{Says{}.to(query)}; });
  Worker worker(settings_for({&upstream}));
  const dns::Name name = *dns::Name::from_text("www.example.");
  Count count;
  const auto ask = [&](size_t questions) {
    const size_t all = count.told + 8 * questions;
    for (size_t i = 0; i < questions; ++i) {
      for (int k = 0; k < 8; ++k)
        worker.forwarder->ask(worker.group, {.qname = name.view()}, dns::Transport::Udp, 1232,
                              count);
      worker.run_until([&] { return count.told >= all - 8 * (questions - i - 1); });
    }
  };
  ask(300);
  const size_t before = allocations;
  ask(100);
  const size_t after = allocations;
  CHECK(count.answered == count.told);
  CHECK(after == before);
}

}  // namespace
}  // namespace fairlead::forward
