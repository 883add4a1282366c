// Caches, upstreams and other state -> the coredns_cache_*, coredns_forward_*, coredns_proxy_* and
// further families.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cache/cache.h"
#include "forward/group.h"
#include "metrics/cache_counters.h"

namespace prometheus {
struct MetricFamily;
}

namespace fairlead::metrics {

struct BlockLabels;

/// One cache as one server shows it. In the labels `zone` stands for `zones`.
struct CacheView {
  std::string server;
  std::string zones;
  cache::Totals totals;
};

/// What is known at the moment of a scrape.
struct BackendTotals {
  std::vector<CacheView> caches;
  std::vector<forward::GroupTotals> groups;
  std::vector<std::pair<std::string, bool>> loops;  // zone of a `loop` directive, whether it loops
  struct HostsFile {
    std::string path;
    size_t entries = 0;
    double file_time = 0;  // seconds since 1970; 0: never read
  };
  std::vector<HostsFile> hosts;
  std::optional<bool> synced;  // whether every cluster was listed once; none: there is no cluster
};

/// The counters of workers, by label set: as Metrics keeps them.
using CacheSlots = std::map<BlockLabels, std::unique_ptr<std::vector<CacheCounters>>>;

void collect_cache_counters(const CacheSlots& slots, std::vector<prometheus::MetricFamily>& out);

void collect_backends(const BackendTotals& totals, std::vector<prometheus::MetricFamily>& out);

}  // namespace fairlead::metrics
