// The whoami directive in a block's chain: answers everything.
#include "query/step.h"

#include <memory>

#include "plugins/building.h"
#include "plugins/whoami/setup.h"
#include "plugins/whoami/whoami.h"
#include "query/walk.h"

namespace fairlead::plugins::whoami {
namespace {

class Whoami : public query::Step {
 public:
  query::Turn ask(query::Walk& walk) const override {
    const net::Endpoint& client = walk.peers().client;
    if (walk.telling() != nullptr) walk.telling()->tell("answers with the address of whoever asks");
    answer(walk.question(), client.address, client.port, walk.answer());
    return query::Turn::Done;
  }
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  static_cast<void>(parse(cursor));
  plan.make([](Building& building) { building.step(std::make_unique<Whoami>()); });
}

}  // namespace fairlead::plugins::whoami
