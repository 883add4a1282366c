// The cancel directive in a block's chain: a question that still waits when its time has come
// fails.
#include "query/step.h"

#include <chrono>
#include <memory>

#include "net/clock.h"
#include "plugins/building.h"
#include "plugins/cancel/setup.h"
#include "query/walk.h"

namespace fairlead::plugins::cancel {
namespace {

using query::Note;
using query::Turn;
using query::Walk;

class Cancel : public query::Step {
 public:
  explicit Cancel(std::chrono::nanoseconds timeout)
      : timeout_(static_cast<uint64_t>(timeout.count())) {}

  Turn ask(Walk& walk) const override {
    if (walk.telling() == nullptr) walk.see_me({}, net::now_ns() + timeout_);
    return Turn::Pass;
  }

  // The error is what users of CoreDNS look for.
  Turn late(Walk& walk, Note&) const override {
    return walk.fail(dns::Rcode::ServFail, "context deadline exceeded");
  }

 private:
  const uint64_t timeout_;  // nanoseconds
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([timeout = parse(cursor).timeout](Building& building) {
    building.step(std::make_unique<Cancel>(timeout));
  });
}

}  // namespace fairlead::plugins::cancel
