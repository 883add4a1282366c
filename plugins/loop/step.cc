// The loop directive in a block's chain: while queries come back to this server, none is sent round
// again, but for the probe that finds out when that has ended.
#include "query/step.h"

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "net/clock.h"
#include "net/socket_address.h"
#include "plugins/building.h"
#include "plugins/loop/loop_prober.h"
#include "plugins/loop/loop_state.h"
#include "plugins/loop/setup.h"
#include "plugins/names.h"
#include "query/walk.h"

namespace fairlead::plugins::loop {
namespace {

using query::Turn;
using query::Walk;

constexpr std::string_view kLooping =
    "plugin/loop: what is forwarded comes back to this server: not forwarded";

class Loop : public query::Step {
 public:
  Loop(std::shared_ptr<LoopState> state, net::LogSink& log) : state_(std::move(state)), log_(log) {}

  Turn ask(Walk& walk) const override {
    const Sighting sighting = state_->seen(walk.question(), net::Clock::now());
    if (sighting == Sighting::Detected) {
      log_.error("plugin/loop: " +
                 state_->loop_text(to_text(walk.peers().client), to_text(walk.peers().local)));
    }
    if (sighting == Sighting::Probe) walk.alone = true;
    if (state_->is_looping() && sighting != Sighting::Probe)
      return walk.fail(dns::Rcode::Refused, kLooping);
    return Turn::Pass;
  }

 private:
  const std::shared_ptr<LoopState> state_;
  net::LogSink& log_;
};

net::Endpoint own_address(const Plan& plan) {
  const net::ListenAddress& address = plan.keys.front().addresses.front();
  net::Endpoint server{address.address, address.port};
  if (address.wildcard) server.address = dns::IpAddress(std::array<uint8_t, 4>{127, 0, 0, 1});
  return server;
}

void make_step(const dns::Name& zone, Building& building) {
  if (building.explaining() != nullptr) return;
  const auto prober = std::make_shared<LoopProber>(building.site().control, building.log(), zone,
                                                   own_address(building.plan()));
  const auto state = prober->state();
  building.step(std::make_unique<Loop>(state, building.log()));
  building.while_served([prober]() -> std::shared_ptr<void> {
    prober->start();
    return prober;
  });
  const std::string text = dns::to_text(zone.view());
  building.note([state, text] {
    return state->is_looping() ? "\nloop: forwarding is off for zone " + text : std::string();
  });
  building.collect([state, text](metrics::FamilySet& families) {
    families
        .gauge({"fairlead_loop_detected",
                "1 while forwarding is off because what is forwarded comes back.",
                {"zone"}})
        .set({text}, state->is_looping() ? 1 : 0);
  });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor, plan.context());
  plan.make([zone = name_at(cursor, options.zones.front())](Building& building) {
    make_step(zone, building);
  });
}

}  // namespace fairlead::plugins::loop
