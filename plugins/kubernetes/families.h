// What is counted of clusters that are watched: the coredns_kubernetes_* and fairlead_kubernetes_*
// families.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "metrics/metric_family.h"

namespace fairlead::plugins::kubernetes {

/// Of all clusters. Thread safe. Label values: kind is the API resource ("services"), verb and
/// method "GET".
struct KubernetesFamilies {
  KubernetesFamilies();
  metrics::HistogramFamily programming;                              // {service_kind}
  metrics::ScalarFamily requests;                                    // {code, method, host}
  metrics::HistogramFamily request_duration, rate_limiter_duration;  // {verb, host}
  metrics::ScalarFamily objects, objects_skipped,
      relists;  // {kind}, {kind, reason}, {kind, reason}

  /// Something arrived for this kind at `now`: fairlead_kubernetes_last_event_age_seconds counts
  /// from here.
  void set_last_event(const std::string& kind, std::chrono::steady_clock::time_point now);

  /// A watch has ended: a kind has no age until one of the others hears of it.
  void forget_events();
  void collect(std::vector<prometheus::MetricFamily>& out) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::chrono::steady_clock::time_point> last_event_;
};

}  // namespace fairlead::plugins::kubernetes
