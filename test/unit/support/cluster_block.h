// A server block that answers from one snapshot, for tests below the directives.
#pragma once

#include <initializer_list>
#include <memory>
#include <utility>

#include "query/block.h"
#include "query/live_board.h"
#include "query/routing.h"
#include "query/walk.h"
#include "zones/lookahead.h"
#include "zones/respond.h"

namespace fairlead::test {

class ClusterStep : public query::Step {
 public:
  ClusterStep(zones::ClusterZone zone, query::LiveAt<zones::Snapshot> at)
      : zone_(std::move(zone)), at_(at) {}

  query::Turn ask(query::Walk& walk) const override {
    const auto said = zones::respond({zone_, *walk.live(at_), walk.question()}, walk.answer());
    return said.outcome == zones::Outcome::Answered ? query::Turn::Done : query::Turn::Pass;
  }
  void look_ahead(const dns::Query& query, const query::Live& live,
                  zones::Lookahead& ahead) const override {
    ahead.begin(zone_, *live.get(at_), query);
  }
  [[nodiscard]] bool looks_ahead() const override { return true; }

 private:
  const zones::ClusterZone zone_;
  const query::LiveAt<zones::Snapshot> at_;
};

/// Serves `zones` at `listener` from what is published at `at`.
inline std::shared_ptr<query::Routing> cluster_routing(uint32_t listener,
                                                       std::initializer_list<const char*> zones,
                                                       query::LiveAt<zones::Snapshot> at) {
  zones::ClusterZone cluster;
  for (const char* zone : zones) cluster.zones.push_back(*dns::Name::from_text(zone));
  const auto block = std::make_shared<query::Block>();
  block->chain.push_back({std::make_unique<ClusterStep>(cluster, at), 1});
  block->fetching.push_back(block->chain[0].step.get());
  block->handles_queries = true;
  auto routing = std::make_shared<query::Routing>();
  for (const dns::Name& zone : cluster.zones) routing->add(listener, {zone, block, {}});
  return routing;
}

}  // namespace fairlead::test
