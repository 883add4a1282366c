// The families of one scrape, while they are collected from many places.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "metrics/metric_family.h"

namespace fairlead::metrics {

/// Used by one thread. Who adds to a family by its name adds to the same one as everybody else, so
/// that no family is written twice.
class FamilySet {
 public:
  ScalarFamily& counter(const MetricName& name) {
    return scalars_.try_emplace(name.name, ScalarFamily::Type::Counter, name).first->second;
  }
  ScalarFamily& gauge(const MetricName& name) {
    return scalars_.try_emplace(name.name, ScalarFamily::Type::Gauge, name).first->second;
  }
  /// One without labels that begins with `first`.
  ScalarFamily& gauge(const MetricName& name, double first) {
    const auto [at, made] = scalars_.try_emplace(name.name, ScalarFamily::Type::Gauge, name);
    if (made) at->second.set({}, first);
    return at->second;
  }
  HistogramFamily& histogram(const MetricName& name, const std::vector<double>& bounds) {
    return histograms_.try_emplace(name.name, name, bounds).first->second;
  }

  /// For families that are made elsewhere, each by one only.
  std::vector<prometheus::MetricFamily>& others() { return others_; }

  /// Everything, once.
  void collect(std::vector<prometheus::MetricFamily>& out);

 private:
  std::map<std::string, ScalarFamily> scalars_;
  std::map<std::string, HistogramFamily> histograms_;
  std::vector<prometheus::MetricFamily> others_;
};

/// Adds `value` unless it is 0: a series that nobody touched is left out, as in CoreDNS.
inline void add_seen(ScalarFamily& family, const LabelValues& labels, uint64_t value) {
  if (value != 0) family.add(labels, static_cast<double>(value));
}

}  // namespace fairlead::metrics
