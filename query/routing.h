// Which server block answers a name that was asked at a listening address.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "dns/name.h"
#include "dns/query.h"
#include "metrics/block_counters.h"
#include "metrics/cache_counters.h"
#include "query/server_block.h"

namespace fairlead::query {

/// One zone of one listening address, with the counters of one worker.
struct ServedZone {
  dns::Name zone;  // lower case
  std::shared_ptr<const ServerBlock> block;
  metrics::BlockCounters* counters = nullptr;  // null without `prometheus`
  metrics::CacheCounters* cache = nullptr;     // null without `cache` or `prometheus`
};

/// One worker's view of a configuration. Used by that worker's thread only.
class Routing {
 public:
  void add(uint32_t listener, ServedZone zone);

  /// What counts the queries of `listener` that none of its zones matches.
  void count_dropped(uint32_t listener, metrics::BlockCounters* counters) {
    listeners_[listener].dropped = counters;
  }

  /// The blocks read snapshots of sources below this number.
  size_t sources = 0;

  /// The longest zone of `listener` that the query is at or below, null when there is none and for
  /// every class but IN. DS belongs to the parent: it goes to the shortest zone that matches, the
  /// root only if there is no other (CoreDNS's rule).
  [[nodiscard]] const ServedZone* find(uint32_t listener, const dns::Query& query) const;

  /// The counters given to count_dropped(); null without `prometheus`.
  [[nodiscard]] metrics::BlockCounters* dropped(uint32_t listener) const;

 private:
  struct Listener {
    std::vector<ServedZone> zones;  // longest first
    metrics::BlockCounters* dropped = nullptr;
  };
  std::unordered_map<uint32_t, Listener> listeners_;
};

}  // namespace fairlead::query
