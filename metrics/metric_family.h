// Metrics that change rarely: named families of labelled values behind a mutex. Never on the query
// path.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace fairlead::metrics {

/// What a family is called.
struct MetricName {
  std::string name;
  std::string help;
  std::vector<std::string> labels;  // the label names, in the order of the values given later
};

using LabelValues = std::vector<std::string>;

/// A family never holds more series than this; what would be one more is not kept.
inline constexpr size_t kMaxSeries = 2000;

/// Counters or gauges. Thread safe. A family without labels always has its one series, 0 at first.
class ScalarFamily {
 public:
  enum class Type : uint8_t { Counter, Gauge };
  ScalarFamily(Type type, MetricName name);

  void add(const LabelValues& labels, double value = 1);
  void set(const LabelValues& labels, double value);
  void raise(const LabelValues& labels, double value);  // to `value`, if it is lower
  void lower(const LabelValues& labels, double value);  // to `value`, if it is higher
  void clear();

  /// Appends the family, unless it has no series.
  void collect(std::vector<prometheus::MetricFamily>& out) const;

 private:
  const Type type_;
  const MetricName name_;
  mutable std::mutex mutex_;
  std::map<LabelValues, double> series_;
};

/// Histograms with fixed bounds, ascending, +Inf not among them. Thread safe.
class HistogramFamily {
 public:
  HistogramFamily(MetricName name, std::vector<double> bounds);

  void observe(const LabelValues& labels, double value);

  /// Adds what was counted elsewhere: `counts` has one more element than there are bounds.
  void add(const LabelValues& labels, std::span<const uint64_t> counts, double sum);

  /// Appends the family, unless it has no series.
  void collect(std::vector<prometheus::MetricFamily>& out) const;

 private:
  struct Series {
    std::vector<uint64_t> counts;  // one more than bounds
    double sum = 0;
  };
  const MetricName name_;
  const std::vector<double> bounds_;
  mutable std::mutex mutex_;
  std::map<LabelValues, Series> series_;
};

/// first, first × factor, …: `count` bounds.
std::vector<double> exponential_bounds(double first, double factor, size_t count);

inline double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace fairlead::metrics
