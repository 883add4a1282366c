#include "metrics/block_metrics.h"

#include <prometheus/metric_family.h>

#include <array>
#include <utility>

#include "metrics/metrics.h"

namespace fairlead::metrics {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr double kNanosecondsPerSecond = 1e9;
constexpr std::array<const char*, 2> kProtocols = {"udp", "tcp"};  // by dns::Transport
constexpr std::array<const char*, 2> kFamilies = {"1", "2"};

template <typename Get>
uint64_t sum(std::span<const BlockCounters> workers, Get get) {
  uint64_t total = 0;
  for (const BlockCounters& counters : workers) total += get(counters).value();
  return total;
}

// CoreDNS's labels in the order it prints them, `extra` among them.
Labels labels_of(const BlockLabels& block, Labels extra) {
  extra.push_back({"server", block.server});
  extra.push_back({"view", block.view});
  extra.push_back({"zone", block.zone});
  return extra;
}

void push_counter(MetricFamily& family, Labels labels, uint64_t value) {
  if (value == 0) return;
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
  family.metric.push_back(std::move(metric));
}

// `get` gives one worker's Buckets; `bounds` are the upper bounds in the unit of the metric, `unit`
// how many of the counted unit make one of those.
template <typename Get>
void push_histogram(MetricFamily& family, Labels labels, std::span<const BlockCounters> workers,
                    const std::vector<double>& bounds, std::pair<Get, double> source) {
  const auto& [get, unit] = source;
  ClientMetric metric;
  uint64_t total = 0;
  for (size_t i = 0; i <= bounds.size(); ++i) {
    total += sum(workers, [&, &read = get](const BlockCounters& c) -> const net::Counter& {
      return read(c).count[i];
    });
    if (i < bounds.size()) metric.histogram.bucket.push_back({total, bounds[i]});
  }
  if (total == 0) return;
  metric.label = std::move(labels);
  metric.histogram.sample_count = total;
  const uint64_t observed =
      sum(workers,
          [&read = get](const BlockCounters& c) -> const net::Counter& { return read(c).sum; });
  metric.histogram.sample_sum = static_cast<double>(observed) / unit;
  family.metric.push_back(std::move(metric));
}

MetricFamily make(const char* name, const char* help, MetricType type) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  return family;
}

std::string rcode_label(size_t index) {
  if (index == kRcodes - 1) return "other";
  return dns::to_text(static_cast<dns::Rcode>(index));
}

}  // namespace

struct BlockFamilies::Families {
  MetricFamily requests =
      make("coredns_dns_requests_total",
           "Counter of DNS requests made per zone, protocol and family.", MetricType::Counter);
  MetricFamily duration =
      make("coredns_dns_request_duration_seconds",
           "Histogram of the time (in seconds) each request took per zone.", MetricType::Histogram);
  MetricFamily request_size =
      make("coredns_dns_request_size_bytes", "Size of the requests in bytes per zone and protocol.",
           MetricType::Histogram);
  MetricFamily response_size =
      make("coredns_dns_response_size_bytes",
           "Size of the responses in bytes per zone and protocol.", MetricType::Histogram);
  MetricFamily dnssec_ok =
      make("coredns_dns_do_requests_total", "Counter of DNS requests with the DO bit set per zone.",
           MetricType::Counter);
  MetricFamily responses =
      make("coredns_dns_responses_total", "Counter of response status codes.", MetricType::Counter);
  std::vector<double> size_bounds{kSizeBounds.begin(), kSizeBounds.end()};
  std::vector<double> duration_bounds = exponential_bounds(
      static_cast<double>(net::kFirstDuration) / kNanosecondsPerSecond, 2, net::kDurationBounds);
};

BlockFamilies::BlockFamilies(std::span<const std::string> makers)
    : makers_(makers), families_(std::make_unique<Families>()) {}

BlockFamilies::~BlockFamilies() = default;

void BlockFamilies::add(const BlockLabels& block, std::span<const BlockCounters> workers) {
  add_requests(block, workers);
  add_histograms(block, workers);
  add_responses(block, workers);
}

void BlockFamilies::add_requests(const BlockLabels& block, std::span<const BlockCounters> workers) {
  constexpr size_t kTypes = kNamedTypes + 1;
  for (size_t i = 0; i < kProtocols.size() * kFamilies.size() * kTypes; ++i) {
    const size_t type = i % kTypes;
    const size_t family = i / kTypes % kFamilies.size();
    const size_t protocol = i / kTypes / kFamilies.size();
    const uint64_t n = sum(workers, [=](const BlockCounters& c) -> const net::Counter& {
      return c.requests[protocol][family][type];
    });
    if (n == 0) continue;
    Labels labels = {
        {"family", kFamilies[family]}, {"proto", kProtocols[protocol]}, {"type", type_label(type)}};
    push_counter(families_->requests, labels_of(block, std::move(labels)), n);
  }
  push_counter(
      families_->dnssec_ok, labels_of(block, {}),
      sum(workers, [](const BlockCounters& c) -> const net::Counter& { return c.dnssec_ok; }));
}

void BlockFamilies::add_histograms(const BlockLabels& block,
                                   std::span<const BlockCounters> workers) {
  Families& f = *families_;
  for (size_t t = 0; t < kProtocols.size(); ++t) {
    const auto request = [t](const BlockCounters& c) -> const auto& {
      return c.request_size[t];
    };
    const auto response = [t](const BlockCounters& c) -> const auto& {
      return c.response_size[t];
    };
    const Labels labels = labels_of(block, {{"proto", kProtocols[t]}});
    push_histogram(f.request_size, labels, workers, f.size_bounds, std::pair(request, 1.0));
    push_histogram(f.response_size, labels, workers, f.size_bounds, std::pair(response, 1.0));
  }
  const auto duration = [](const BlockCounters& c) -> const auto& {
    return c.duration;
  };
  push_histogram(f.duration, labels_of(block, {}), workers, f.duration_bounds,
                 std::pair(duration, kNanosecondsPerSecond));
}

void BlockFamilies::add_responses(const BlockLabels& block,
                                  std::span<const BlockCounters> workers) {
  for (size_t i = 0; i < kRcodes * makers_.size(); ++i) {
    const size_t rcode = i / makers_.size();
    const size_t plugin = i % makers_.size();
    const uint64_t n = sum(workers, [=](const BlockCounters& c) -> const net::Counter& {
      return c.responses[rcode][plugin];
    });
    if (n == 0) continue;
    Labels labels = {{"plugin", makers_[plugin]}, {"rcode", rcode_label(rcode)}};
    push_counter(families_->responses, labels_of(block, std::move(labels)), n);
  }
}

void BlockFamilies::collect(std::vector<MetricFamily>& out) {
  Families& f = *families_;
  for (MetricFamily* family :
       {&f.requests, &f.duration, &f.request_size, &f.response_size, &f.dnssec_ok, &f.responses}) {
    if (!family->metric.empty()) out.push_back(std::move(*family));
  }
}

void collect_packets(std::span<const PacketCounters> workers,
                     const std::map<std::string, uint64_t>& dropped,
                     std::vector<MetricFamily>& out) {
  ScalarFamily failures(ScalarFamily::Type::Counter,
                        {"fairlead_dns_parse_failures_total",
                         "Requests answered with an rcode alone because they could not be read.",
                         {"reason"}});
  ScalarFamily silent(ScalarFamily::Type::Counter,
                      {"fairlead_dropped_packets_total",
                       "Requests and replies that were dropped, by reason.",
                       {"reason"}});
  ScalarFamily panics(ScalarFamily::Type::Counter,
                      {"coredns_panics_total", "A metrics that counts the number of panics.", {}});
  uint64_t ignored = 0;
  for (const PacketCounters& counters : workers) {
    ignored += counters.ignored.value();
    panics.add({}, static_cast<double>(counters.panics.value()));
    for (size_t i = 0; i < kRcodes; ++i) {
      const uint64_t n = counters.refused[i].value();
      if (n > 0) failures.add({rcode_label(i)}, static_cast<double>(n));
    }
  }
  silent.set({"not_a_query"}, static_cast<double>(ignored));
  for (const auto& [reason, n] : dropped) silent.add({reason}, static_cast<double>(n));
  panics.collect(out);
  failures.collect(out);
  silent.collect(out);
}

}  // namespace fairlead::metrics
