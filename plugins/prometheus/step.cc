// The prometheus directive in a block: every reply is counted, and what was counted is served.
#include "query/step.h"

#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "metrics/metrics.h"
#include "plugins/building.h"
#include "plugins/prometheus/runtime_metrics.h"
#include "plugins/prometheus/setup.h"
#include "plugins/prometheus/web_config.h"
#include "plugins/prometheus/web_guard.h"
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

std::shared_ptr<http::Guard> guard_of(const Options& options, Building& building) {
  if (options.tls.empty()) return nullptr;
  return building.keep<WebGuard>(
      [&](const WebGuard& other) { return other.path() == options.tls; },
      [&] { return std::make_shared<WebGuard>(options.tls, building.log()); });
}

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
    const bool is_address = why.starts_with("listen tcp ");
    log.error((is_address ? "Failed to start metrics handler: " : "Invalid TLS config: ") + why);
  };
  building.http({options.address, "/metrics", scrape, unopened, guard_of(options, building)});
  if (options.runtime_metrics) {
    building.collect([workers = metrics.workers()](metrics::FamilySet& families) {
      collect_runtime(workers, families);
    });
  }
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor, plan.context());
  plan.make([options](Building& building) { make_observer(options, building); });
  if (options.tls.empty()) return;
  // Where it is checked the file may not be there yet: that is no mistake, nor is it one when the
  // server starts.
  plan.check([file = options.tls](std::vector<std::string>&) {
    if (access(file.c_str(), F_OK) != 0) return;
    WebConfig config;
    try {
      read_web_config(file, config);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(std::string("plugin/prometheus: Invalid TLS config: ") +
                               error.what());
    }
  });
}

}  // namespace fairlead::plugins::prometheus
