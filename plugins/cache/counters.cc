#include "plugins/cache/counters.h"

#include <array>

namespace fairlead::plugins::cache {
namespace {

constexpr std::array<const char*, 2> kKinds = {"success", "denial"};  // by cache::Kind

struct Families {
  explicit Families(metrics::FamilySet& set)
      : requests(set.counter({"coredns_cache_requests_total",
                              "The count of cache requests.",
                              {"server", "zones", "view"}})),
        hits(set.counter({"coredns_cache_hits_total",
                          "The count of cache hits.",
                          {"server", "type", "zones", "view"}})),
        misses(set.counter({"coredns_cache_misses_total",
                            "The count of cache misses. Deprecated, derive misses from cache "
                            "hits/requests counters.",
                            {"server", "zones", "view"}})),
        prefetch(set.counter({"coredns_cache_prefetch_total",
                              "The number of times the cache has prefetched a cached item.",
                              {"server", "zones", "view"}})),
        stale(set.counter({"coredns_cache_served_stale_total",
                           "The number of requests served from stale cache entries.",
                           {"server", "zones", "view"}})) {}

  void add(const metrics::BlockLabels& of, const CacheCounters& counters) {
    const metrics::LabelValues labels = {of.server, of.zone, of.view};
    add_seen(requests, labels, counters.requests.value());
    for (size_t kind = 0; kind < kKinds.size(); ++kind)
      add_seen(hits, {of.server, kKinds[kind], of.zone, of.view}, counters.hits[kind].value());
    add_seen(misses, labels, counters.misses.value());
    add_seen(prefetch, labels, counters.prefetch.value());
    add_seen(stale, labels, counters.served_stale.value());
  }

  metrics::ScalarFamily &requests, &hits, &misses, &prefetch, &stale;
};

}  // namespace

void collect_counters(const metrics::CounterTableOf<CacheCounters>::Slots& slots,
                      metrics::FamilySet& families) {
  Families all(families);
  for (const auto& [labels, workers] : slots) {
    for (const CacheCounters& counters : *workers) all.add(labels, counters);
  }
}

void collect_totals(const fairlead::cache::Totals& totals, const std::string& server,
                    const std::string& zones, metrics::FamilySet& families) {
  auto& entries = families.gauge({"coredns_cache_entries",
                                  "The number of elements in the cache.",
                                  {"server", "type", "zones", "view"}});
  auto& evictions = families.counter({"coredns_cache_evictions_total",
                                      "The count of cache evictions.",
                                      {"server", "type", "zones", "view"}});
  entries.set({server, kKinds[0], zones, ""}, static_cast<double>(totals.success_entries));
  entries.set({server, kKinds[1], zones, ""}, static_cast<double>(totals.denial_entries));
  add_seen(evictions, {server, kKinds[0], zones, ""}, totals.success_evictions);
  add_seen(evictions, {server, kKinds[1], zones, ""}, totals.denial_evictions);
  families
      .gauge({"fairlead_cache_bytes",
              "Memory of the cache's entries and tables.",
              {"server", "zones", "view"}})
      .set({server, zones, ""}, static_cast<double>(totals.bytes));
}

}  // namespace fairlead::plugins::cache
