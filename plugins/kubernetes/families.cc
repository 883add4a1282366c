#include "plugins/kubernetes/families.h"

#include <prometheus/metric_family.h>

namespace fairlead::plugins::kubernetes {

namespace {

using metrics::exponential_bounds;
using metrics::ScalarFamily;

constexpr auto kCounter = ScalarFamily::Type::Counter;
constexpr auto kGauge = ScalarFamily::Type::Gauge;

// client_golang's DefBuckets.
std::vector<double> default_bounds() {
  return {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

}  // namespace

KubernetesFamilies::KubernetesFamilies()
    : programming({"coredns_kubernetes_dns_programming_duration_seconds",
                   "In Cluster DNS Programming Latency in seconds",
                   {"service_kind"}},
                  exponential_bounds(0.001, 2, 20)),
      requests(kCounter, {"coredns_kubernetes_rest_client_requests_total",
                          "Number of HTTP requests, partitioned by status code, method, and host.",
                          {"code", "method", "host"}}),
      request_duration({"coredns_kubernetes_rest_client_request_duration_seconds",
                        "Request latency in seconds. Broken down by verb and host.",
                        {"verb", "host"}},
                       default_bounds()),
      rate_limiter_duration({"coredns_kubernetes_rest_client_rate_limiter_duration_seconds",
                             "Client side rate limiter latency in seconds. Broken down by verb and "
                             "host.",
                             {"verb", "host"}},
                            default_bounds()),
      objects(kGauge,
              {"fairlead_kubernetes_objects", "Objects kept of the cluster, by kind.", {"kind"}}),
      objects_skipped(kCounter,
                      {"fairlead_kubernetes_objects_skipped_total",
                       "Objects left out because they could not be read, by kind and reason.",
                       {"kind", "reason"}}),
      relists(kCounter, {"fairlead_kubernetes_relists_total",
                         "Complete lists fetched, by kind and reason.",
                         {"kind", "reason"}}) {}

void KubernetesFamilies::set_last_event(const std::string& kind,
                                        std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  last_event_[kind] = now;
}

void KubernetesFamilies::forget_events() {
  const std::lock_guard lock(mutex_);
  last_event_.clear();
}

void KubernetesFamilies::collect(std::vector<prometheus::MetricFamily>& out) const {
  programming.collect(out);
  requests.collect(out);
  request_duration.collect(out);
  rate_limiter_duration.collect(out);
  objects.collect(out);
  objects_skipped.collect(out);
  relists.collect(out);

  ScalarFamily age(kGauge,
                   {"fairlead_kubernetes_last_event_age_seconds",
                    "Time since the API last sent an object, a bookmark or a list, by kind.",
                    {"kind"}});
  const auto now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [kind, at] : last_event_) age.set({kind}, metrics::seconds(now - at));
  }
  age.collect(out);
}

}  // namespace fairlead::plugins::kubernetes
