// The loadbalance directive in a block's chain: an order for whatever the answer will be.
#include "query/step.h"

#include <memory>
#include <utility>
#include <vector>

#include "plugins/building.h"
#include "plugins/loadbalance/setup.h"
#include "plugins/loadbalance/shuffle.h"
#include "query/walk.h"

namespace fairlead::plugins::loadbalance {
namespace {

class Loadbalance : public query::Step, private query::Arranger {
 public:
  explicit Loadbalance(std::vector<corefile::Subnet> prefer) : prefer_(std::move(prefer)) {}

  // Preferred addresses come first whatever the order: then the answer must be seen.
  query::Turn ask(query::Walk& walk) const override {
    walk.arrange(*this);
    if (!prefer_.empty()) walk.see_me();
    return query::Turn::Pass;
  }

 private:
  void arrange(dns::Answer& answer, uint64_t seed) const override {
    shuffle(answer, seed);
    if (!prefer_.empty()) prefer(answer, prefer_);
  }

  const std::vector<corefile::Subnet> prefer_;
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([prefer = parse(cursor).prefer](Building& building) {
    building.step(std::make_unique<Loadbalance>(prefer));
  });
}

}  // namespace fairlead::plugins::loadbalance
