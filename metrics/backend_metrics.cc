#include "metrics/backend_metrics.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "dns/response.h"
#include "dns/types.h"
#include "metrics/metric_family.h"
#include "metrics/metrics.h"

namespace fairlead::metrics {
namespace {

using prometheus::MetricFamily;

constexpr auto kCounter = ScalarFamily::Type::Counter;
constexpr auto kGauge = ScalarFamily::Type::Gauge;
constexpr double kNanosecondsPerSecond = 1e9;
constexpr char kProxyName[] = "forward";
constexpr std::array<const char*, 2> kKinds = {"success", "denial"};  // by cache::Kind

double as_double(uint64_t n) {
  return static_cast<double>(n);
}

// A series that nobody touched is left out, as in CoreDNS.
void add(ScalarFamily& family, const LabelValues& labels, uint64_t n) {
  if (n != 0) family.add(labels, as_double(n));
}

struct CacheFamilies {
  ScalarFamily requests{kCounter,
                        {"coredns_cache_requests_total",
                         "The count of cache requests.",
                         {"server", "zones", "view"}}};
  ScalarFamily hits{kCounter,
                    {"coredns_cache_hits_total",
                     "The count of cache hits.",
                     {"server", "type", "zones", "view"}}};
  ScalarFamily misses{
      kCounter,
      {"coredns_cache_misses_total",
       "The count of cache misses. Deprecated, derive misses from cache hits/requests counters.",
       {"server", "zones", "view"}}};
  ScalarFamily prefetch{kCounter,
                        {"coredns_cache_prefetch_total",
                         "The number of times the cache has prefetched a cached item.",
                         {"server", "zones", "view"}}};
  ScalarFamily stale{kCounter,
                     {"coredns_cache_served_stale_total",
                      "The number of requests served from stale cache entries.",
                      {"server", "zones", "view"}}};

  void add_worker(const LabelValues& labels, const CacheCounters& counters) {
    add(requests, labels, counters.requests.value());
    for (size_t kind = 0; kind < kKinds.size(); ++kind)
      add(hits, {labels[0], kKinds[kind], labels[1], labels[2]}, counters.hits[kind].value());
    add(misses, labels, counters.misses.value());
    add(prefetch, labels, counters.prefetch.value());
    add(stale, labels, counters.served_stale.value());
  }
};

void collect_caches(const std::vector<CacheView>& caches, std::vector<MetricFamily>& out) {
  ScalarFamily entries(kGauge, {"coredns_cache_entries",
                                "The number of elements in the cache.",
                                {"server", "type", "zones", "view"}});
  ScalarFamily evictions(kCounter, {"coredns_cache_evictions_total",
                                    "The count of cache evictions.",
                                    {"server", "type", "zones", "view"}});
  ScalarFamily bytes(kGauge, {"fairlead_cache_bytes",
                              "Memory of the cache's entries and tables.",
                              {"server", "zones", "view"}});
  for (const CacheView& view : caches) {
    const cache::Totals& totals = view.totals;
    entries.set({view.server, kKinds[0], view.zones, ""}, as_double(totals.success_entries));
    entries.set({view.server, kKinds[1], view.zones, ""}, as_double(totals.denial_entries));
    add(evictions, {view.server, kKinds[0], view.zones, ""}, totals.success_evictions);
    add(evictions, {view.server, kKinds[1], view.zones, ""}, totals.denial_evictions);
    bytes.set({view.server, view.zones, ""}, as_double(totals.bytes));
  }
  entries.collect(out);
  evictions.collect(out);
  bytes.collect(out);
}

void collect_loops(const BackendTotals& totals, std::vector<MetricFamily>& out) {
  ScalarFamily detected(kGauge, {"fairlead_loop_detected",
                                 "1 while forwarding is off because what is forwarded comes back.",
                                 {"zone"}});
  for (const auto& [zone, looping] : totals.loops) detected.set({zone}, looping ? 1 : 0);
  detected.collect(out);
}

void collect_hosts(const BackendTotals& totals, std::vector<MetricFamily>& out) {
  if (totals.hosts.empty()) return;
  ScalarFamily entries(kGauge, {"coredns_hosts_entries",
                                "The combined number of entries in hosts and Corefile.",
                                {"hostsfile"}});
  ScalarFamily reloaded(kGauge, {"coredns_hosts_reload_timestamp_seconds",
                                 "The timestamp of the last reload of hosts file.",
                                 {}});
  double latest = 0;
  for (const auto& file : totals.hosts) {
    entries.add({file.path}, as_double(file.entries));
    latest = std::max(latest, file.file_time);
  }
  reloaded.set({}, latest);
  entries.collect(out);
  reloaded.collect(out);
}

void collect_synced(const BackendTotals& totals, std::vector<MetricFamily>& out) {
  if (!totals.synced) return;
  ScalarFamily synced(
      kGauge, {"fairlead_kubernetes_synced",
               "1 once every object of the clusters was listed; before, their names are SERVFAIL.",
               {}});
  synced.set({}, *totals.synced ? 1 : 0);
  synced.collect(out);
}

// What CoreDNS called these before 1.11; dashboards and alerts still ask for them.
struct LegacyFamilies {
  HistogramFamily duration{
      {"coredns_forward_request_duration_seconds",
       "coredns_proxy_request_duration_seconds under its name before CoreDNS 1.11.",
       {"to", "rcode"}},
      exponential_bounds(0.00025, 2, forward::UpstreamTotals::kDurationBuckets - 1)};
  ScalarFamily requests{kCounter,
                        {"coredns_forward_requests_total",
                         "Counter of requests made per upstream, as before CoreDNS 1.11.",
                         {"to"}}};
  ScalarFamily responses{kCounter,
                         {"coredns_forward_responses_total",
                          "Counter of responses received per upstream, as before CoreDNS 1.11.",
                          {"to", "rcode"}}};
  ScalarFamily failures{
      kCounter,
      {"coredns_forward_healthcheck_failures_total",
       "coredns_proxy_healthcheck_failures_total under its name before CoreDNS 1.11.",
       {"to"}}};

  void add_upstream(const forward::UpstreamTotals& upstream) {
    const std::string& to = upstream.to;
    for (const auto& answered : upstream.requests) {
      const LabelValues labels = {to, dns::to_text(static_cast<dns::Rcode>(answered.rcode))};
      const uint64_t count =
          std::accumulate(answered.count.begin(), answered.count.end(), uint64_t{0});
      duration.add(labels, answered.count, as_double(answered.nanoseconds) / kNanosecondsPerSecond);
      add(responses, labels, count);
      add(requests, {to}, count);
    }
    add(failures, {to}, upstream.healthcheck_failures);
  }

  void collect(std::vector<MetricFamily>& out) const {
    duration.collect(out);
    for (const ScalarFamily* family : {&requests, &responses, &failures}) family->collect(out);
  }
};

struct UpstreamFamilies {
  HistogramFamily duration{
      {"coredns_proxy_request_duration_seconds",
       "Histogram of the time each request took.",
       {"proxy_name", "to", "rcode"}},
      exponential_bounds(0.00025, 2, forward::UpstreamTotals::kDurationBuckets - 1)};
  ScalarFamily failures{kCounter,
                        {"coredns_proxy_healthcheck_failures_total",
                         "Counter of the number of failed healthchecks.",
                         {"proxy_name", "to"}}};
  ScalarFamily hits{kCounter,
                    {"coredns_proxy_conn_cache_hits_total",
                     "Counter of connection cache hits per upstream and protocol.",
                     {"proxy_name", "to", "proto"}}};
  ScalarFamily misses{kCounter,
                      {"coredns_proxy_conn_cache_misses_total",
                       "Counter of connection cache misses per upstream and protocol.",
                       {"proxy_name", "to", "proto"}}};
  ScalarFamily ignored{kCounter,
                       {"fairlead_forward_ignored_replies_total",
                        "Replies of upstreams that were not taken, by reason.",
                        {"to", "reason"}}};
  ScalarFamily retries{
      kCounter,
      {"fairlead_forward_retries_total",
       "Questions that another upstream was asked as well, because this one was slow or failed.",
       {"to"}}};
  ScalarFamily down{
      kGauge, {"fairlead_forward_upstream_down", "1 while an upstream counts as down.", {"to"}}};
  ScalarFamily latency{
      kGauge,
      {"fairlead_forward_upstream_latency_seconds", "Smoothed latency of an upstream.", {"to"}}};

  void add_connections(const std::string& to, const char* proto, uint64_t hit, uint64_t miss) {
    add(hits, {kProxyName, to, proto}, hit);
    add(misses, {kProxyName, to, proto}, miss);
  }

  void add_upstream(const forward::UpstreamTotals& upstream) {
    const std::string& to = upstream.to;
    for (const auto& requests : upstream.requests) {
      duration.add({kProxyName, to, dns::to_text(static_cast<dns::Rcode>(requests.rcode))},
                   requests.count, as_double(requests.nanoseconds) / kNanosecondsPerSecond);
    }
    add(failures, {kProxyName, to}, upstream.healthcheck_failures);
    add_connections(to, "udp", upstream.udp_cache_hits, upstream.udp_cache_misses);
    add_connections(to, "tcp", upstream.tcp_cache_hits, upstream.tcp_cache_misses);
    add_connections(to, "tcp-tls", upstream.tls_cache_hits, upstream.tls_cache_misses);
    for (size_t i = 0; i < upstream.ignored.size(); ++i)
      add(ignored, {to, dns::to_text(static_cast<dns::ResponseFault>(i))}, upstream.ignored[i]);
    add(retries, {to}, upstream.retries);
    down.set({to}, upstream.down ? 1 : 0);
    latency.set({to}, as_double(upstream.latency_nanoseconds) / kNanosecondsPerSecond);
  }

  void collect(std::vector<MetricFamily>& out) const {
    duration.collect(out);
    for (const ScalarFamily* family :
         {&failures, &hits, &misses, &ignored, &retries, &down, &latency})
      family->collect(out);
  }
};

}  // namespace

void collect_cache_counters(const CacheSlots& slots, std::vector<MetricFamily>& out) {
  CacheFamilies families;
  for (const auto& [labels, workers] : slots) {
    for (const CacheCounters& counters : *workers)
      families.add_worker({labels.server, labels.zone, labels.view}, counters);
  }
  for (const ScalarFamily* family :
       {&families.requests, &families.hits, &families.misses, &families.prefetch, &families.stale})
    family->collect(out);
}

void collect_backends(const BackendTotals& totals, std::vector<MetricFamily>& out) {
  collect_caches(totals.caches, out);
  collect_loops(totals, out);
  collect_hosts(totals, out);
  collect_synced(totals, out);
  if (totals.groups.empty()) return;
  UpstreamFamilies upstreams;
  LegacyFamilies legacy;
  ScalarFamily broken(kCounter, {"coredns_forward_healthcheck_broken_total",
                                 "Counter of the number of complete failures of the healthchecks.",
                                 {}});
  ScalarFamily rejects(kCounter, {"coredns_forward_max_concurrent_rejects_total",
                                  "Counter of the number of queries rejected because the "
                                  "concurrent queries were at maximum.",
                                  {}});
  for (const forward::GroupTotals& group : totals.groups) {
    for (const auto& upstream : group.upstreams) {
      upstreams.add_upstream(upstream);
      legacy.add_upstream(upstream);
    }
    broken.add({}, as_double(group.healthcheck_broken));
    rejects.add({}, as_double(group.max_concurrent_rejects));
  }
  upstreams.collect(out);
  legacy.collect(out);
  broken.collect(out);
  rejects.collect(out);
}

}  // namespace fairlead::metrics
