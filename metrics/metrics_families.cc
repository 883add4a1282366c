// The families of ServerFamilies and KubernetesFamilies: names, labels and bounds as CoreDNS has
// them.
#include <prometheus/metric_family.h>

#include "metrics/metrics.h"

namespace fairlead::metrics {

namespace {

constexpr auto kCounter = ScalarFamily::Type::Counter;
constexpr auto kGauge = ScalarFamily::Type::Gauge;

// client_golang's DefBuckets.
std::vector<double> default_bounds() {
  return {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

}  // namespace

ServerFamilies::ServerFamilies()
    : plugin_enabled(kGauge, {"coredns_plugin_enabled",
                              "Whether a plugin is enabled, per server and zone.",
                              {"server", "zone", "view", "name"}}),
      health_failures(kCounter, {"coredns_health_request_failures_total",
                                 "The number of times the health check failed.",
                                 {}}),
      reload_failed(
          kCounter,
          {"coredns_reload_failed_total", "Counter of the number of failed reload attempts.", {}}),
      reload_version(kGauge,
                     {"coredns_reload_version_info",
                      "A metric with a constant '1' value labeled by the hash of the running "
                      "configuration.",
                      {"hash", "value"}}),
      health_duration({"coredns_health_request_duration_seconds",
                       "Histogram of the time (in seconds) each request took.",
                       {}},
                      exponential_bounds(0.00025, 10, 5)) {}

void ServerFamilies::collect(std::vector<prometheus::MetricFamily>& out) const {
  plugin_enabled.collect(out);
  health_duration.collect(out);
  health_failures.collect(out);
  reload_failed.collect(out);
  reload_version.collect(out);
}

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
    for (const auto& [kind, at] : last_event_) age.set({kind}, seconds(now - at));
  }
  age.collect(out);
}

}  // namespace fairlead::metrics
