// The bufsize directive in a block's chain: no reply over UDP is larger.
#include "query/step.h"

#include <memory>

#include "plugins/bufsize/setup.h"
#include "plugins/building.h"
#include "query/walk.h"

namespace fairlead::plugins::bufsize {
namespace {

class Bufsize : public query::Step {
 public:
  explicit Bufsize(uint16_t size) : size_(size) {}
  query::Turn ask(query::Walk& walk) const override {
    walk.limit_udp_size(size_);
    return query::Turn::Pass;
  }

 private:
  const uint16_t size_;
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([size = parse(cursor).size](Building& building) {
    building.step(std::make_unique<Bufsize>(size));
  });
}

}  // namespace fairlead::plugins::bufsize
