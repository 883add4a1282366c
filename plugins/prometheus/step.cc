// The prometheus directive in a block: every reply is counted, and what was counted is served.
#include "query/step.h"

#include <memory>
#include <string>

#include "metrics/metrics.h"
#include "plugins/building.h"
#include "plugins/prometheus/setup.h"
#include "query/routing.h"
#include "query/walk.h"

namespace fairlead::plugins::prometheus {
namespace {

using metrics::BlockCounters;

metrics::Sample sample_of(const net::Peers& peers, const query::Reply& reply, uint8_t maker) {
  return {.client_v6 = peers.client.address.is_v6(),
          .rcode = reply.rcode,
          .maker = maker,
          .response_size = reply.size,
          .duration = reply.took};
}

class Counting : public query::Observer {
 public:
  explicit Counting(size_t counters) : counters_(counters) {}

  void replied(const query::Walk& walk, const query::Reply& reply) const override {
    auto* const counters = static_cast<BlockCounters*>(walk.served().counters[counters_]);
    counters->count(walk.received(), sample_of(walk.peers(), reply, walk.made_by()));
  }

 private:
  const size_t counters_;
};

class CountingUnmatched : public query::Unmatched {
 public:
  explicit CountingUnmatched(BlockCounters& counters) : counters_(counters) {}

  void refused(const dns::Query& query, const net::Peers& peers,
               const query::Reply& reply) override {
    counters_.count(query, sample_of(peers, reply, 0));
  }

 private:
  BlockCounters& counters_;
};

void make_observer(const Options& options, Building& building) {
  metrics::Metrics& metrics = building.site().metrics;
  const auto blocks = metrics.blocks();
  building.observe(std::make_unique<Counting>(building.count_in(blocks)));
  building.count_unmatched([blocks](const std::string& server, size_t worker) {
    void* const counters = blocks->slot({server, metrics::kDroppedZone, ""}, worker);
    return std::make_shared<CountingUnmatched>(*static_cast<BlockCounters*>(counters));
  });
  const auto scrape = [&metrics] {
    return http::HttpReply{200, metrics.text(), metrics::Metrics::kContentType};
  };
  // Metrics that nobody can fetch are no reason to leave questions unanswered.
  const auto unopened = [&log = building.log()](const std::string& why) {
    if (why.empty()) return log.info("Metrics handler started");
    log.error("Failed to start metrics handler: " + why);
  };
  building.http({options.address, "/metrics", scrape, unopened});
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor)](Building& building) { make_observer(options, building); });
}

}  // namespace fairlead::plugins::prometheus
