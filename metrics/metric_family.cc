#include "metrics/metric_family.h"

#include <prometheus/metric_family.h>

#include <algorithm>

namespace fairlead::metrics {

namespace {

prometheus::MetricFamily describe(const MetricName& name, prometheus::MetricType type) {
  prometheus::MetricFamily family;
  family.name = name.name;
  family.help = name.help;
  family.type = type;
  return family;
}

prometheus::ClientMetric labelled(const MetricName& name, const LabelValues& values) {
  prometheus::ClientMetric metric;
  for (size_t i = 0; i < name.labels.size() && i < values.size(); ++i) {
    metric.label.push_back({name.labels[i], values[i]});
  }
  return metric;
}

// The series for `labels`, or nullptr when there would be too many.
template <typename Map>
typename Map::mapped_type* find_or_add(Map& series, const LabelValues& labels) {
  if (const auto found = series.find(labels); found != series.end()) return &found->second;
  if (series.size() >= kMaxSeries) return nullptr;
  return &series[labels];
}

}  // namespace

ScalarFamily::ScalarFamily(Type type, MetricName name) : type_(type), name_(std::move(name)) {
  if (name_.labels.empty()) series_[{}] = 0;
}

void ScalarFamily::add(const LabelValues& labels, double value) {
  const std::lock_guard lock(mutex_);
  if (double* at = find_or_add(series_, labels)) *at += value;
}

void ScalarFamily::set(const LabelValues& labels, double value) {
  const std::lock_guard lock(mutex_);
  if (double* at = find_or_add(series_, labels)) *at = value;
}

void ScalarFamily::raise(const LabelValues& labels, double value) {
  const std::lock_guard lock(mutex_);
  if (double* at = find_or_add(series_, labels)) *at = std::max(*at, value);
}

void ScalarFamily::lower(const LabelValues& labels, double value) {
  const std::lock_guard lock(mutex_);
  if (double* at = find_or_add(series_, labels)) *at = std::min(*at, value);
}

void ScalarFamily::clear() {
  const std::lock_guard lock(mutex_);
  series_.clear();
}

void ScalarFamily::collect(std::vector<prometheus::MetricFamily>& out) const {
  const bool counter = type_ == Type::Counter;
  auto family =
      describe(name_, counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge);
  const std::lock_guard lock(mutex_);
  if (series_.empty()) return;
  for (const auto& [labels, value] : series_) {
    auto metric = labelled(name_, labels);
    (counter ? metric.counter.value : metric.gauge.value) = value;
    family.metric.push_back(std::move(metric));
  }
  out.push_back(std::move(family));
}

HistogramFamily::HistogramFamily(MetricName name, std::vector<double> bounds)
    : name_(std::move(name)), bounds_(std::move(bounds)) {
  if (name_.labels.empty()) series_[{}].counts.resize(bounds_.size() + 1);
}

void HistogramFamily::observe(const LabelValues& labels, double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  const std::lock_guard lock(mutex_);
  Series* series = find_or_add(series_, labels);
  if (series == nullptr) return;
  series->counts.resize(bounds_.size() + 1);
  ++series->counts[static_cast<size_t>(bucket)];
  series->sum += value;
}

void HistogramFamily::add(const LabelValues& labels, std::span<const uint64_t> counts, double sum) {
  if (counts.size() != bounds_.size() + 1) return;
  const std::lock_guard lock(mutex_);
  Series* series = find_or_add(series_, labels);
  if (series == nullptr) return;
  series->counts.resize(counts.size());
  for (size_t i = 0; i < counts.size(); ++i) series->counts[i] += counts[i];
  series->sum += sum;
}

void HistogramFamily::collect(std::vector<prometheus::MetricFamily>& out) const {
  auto family = describe(name_, prometheus::MetricType::Histogram);
  const std::lock_guard lock(mutex_);
  if (series_.empty()) return;
  for (const auto& [labels, series] : series_) {
    auto metric = labelled(name_, labels);
    uint64_t total = 0;
    for (size_t i = 0; i < bounds_.size(); ++i) {
      total += series.counts[i];
      metric.histogram.bucket.push_back({total, bounds_[i]});
    }
    metric.histogram.sample_count = total + series.counts.back();
    metric.histogram.sample_sum = series.sum;
    family.metric.push_back(std::move(metric));
  }
  out.push_back(std::move(family));
}

std::vector<double> exponential_bounds(double first, double factor, size_t count) {
  std::vector<double> bounds;
  bounds.reserve(count);
  for (double bound = first; bounds.size() < count; bound *= factor) bounds.push_back(bound);
  return bounds;
}

}  // namespace fairlead::metrics
