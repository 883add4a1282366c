#include "metrics/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "metrics/block_metrics.h"
#include "metrics/process_metrics.h"

namespace fairlead::metrics {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr auto kCounter = ScalarFamily::Type::Counter;
constexpr auto kGauge = ScalarFamily::Type::Gauge;

void build_info(const std::string& version, std::vector<MetricFamily>& out) {
  MetricFamily family;
  family.name = "coredns_build_info";
  family.help =
      "A metric with a constant '1' value labeled by version, revision, and goversion (here the "
      "compiler) of the build.";
  family.type = MetricType::Gauge;
  prometheus::ClientMetric metric;
  metric.label = {{"goversion", "gcc " __VERSION__}, {"revision", ""}, {"version", version}};
  metric.gauge.value = 1;
  family.metric.push_back(std::move(metric));
  out.push_back(std::move(family));
}

void collect_sockets(const SocketTotals& totals, FamilySet& families) {
  families
      .counter({"fairlead_udp_receive_drops_total",
                "Datagrams the kernel dropped because a receive queue was full.",
                {}})
      .set({}, static_cast<double>(totals.udp_receive_drops));
  families
      .counter({"fairlead_tcp_connections_refused_total",
                "TCP connections closed at once because of a limit.",
                {}})
      .set({}, static_cast<double>(totals.tcp_connections_refused));
  families.gauge({"fairlead_tcp_connections", "TCP connections open now.", {}})
      .set({}, static_cast<double>(totals.tcp_connections));
  auto& handshakes = families.counter({"fairlead_tls_handshakes_total",
                                       "TLS handshakes with clients by outcome: new, resumed, "
                                       "failed; refused, too many being under way.",
                                       {"result"}});
  for (const auto& [result, count] : totals.tls_handshakes) add_seen(handshakes, {result}, count);
  auto& https = families.counter({"coredns_dns_https_responses_total",
                                  "Counter of DoH responses per server and http status code.",
                                  {"server", "status"}});
  for (const auto& [server, statuses] : totals.https_replies) {
    for (const auto& [status, count] : statuses) add_seen(https, {server, status}, count);
  }
}

}  // namespace

/// What the library wants to see: a source of families.
class Metrics::Source : public prometheus::Collectable {
 public:
  explicit Source(const Metrics& metrics) : metrics_(metrics) {}
  [[nodiscard]] std::vector<MetricFamily> Collect() const override {
    std::vector<MetricFamily> out;
    metrics_.collect(out);
    return out;
  }

 private:
  const Metrics& metrics_;
};

Metrics::Metrics(size_t workers, std::string version)
    : plugin_enabled(kGauge, {"coredns_plugin_enabled",
                              "Whether a plugin is enabled, per server and zone.",
                              {"server", "zone", "view", "name"}}),
      reload_failed(
          kCounter,
          {"coredns_reload_failed_total", "Counter of the number of failed reload attempts.", {}}),
      workers_(workers),
      version_(std::move(version)),
      packets_(workers) {}

Metrics::~Metrics() = default;

std::shared_ptr<CounterTableOf<BlockCounters>> Metrics::blocks() {
  using Table = CounterTableOf<BlockCounters>;
  return table<BlockCounters>("dns", [this](const Table::Slots& slots, FamilySet& families) {
    BlockFamilies blocks(makers_);
    for (const auto& [labels, workers] : slots) blocks.add(labels, *workers);
    blocks.collect(families.others());
  });
}

uint8_t Metrics::maker(std::string_view directive) {
  const auto known = std::ranges::find(makers_, directive);
  if (known == makers_.end()) {
    if (makers_.size() == kMakers) return 0;
    makers_.emplace_back(directive);
    return static_cast<uint8_t>(makers_.size() - 1);
  }
  return static_cast<uint8_t>(known - makers_.begin());
}

void Metrics::collect(std::vector<MetricFamily>& out) const {
  build_info(version_, out);
  plugin_enabled.collect(out);
  reload_failed.collect(out);
  collect_process(out);
  FamilySet families;
  for (const auto& [name, table] : tables_) table->collect(families);
  for (const Collector& collector : collectors_) collector(families);
  for (const Collector& collector : served_) collector(families);
  SocketTotals totals;
  if (sockets_) {
    totals = sockets_();
    collect_sockets(totals, families);
  }
  collect_packets(packets_, totals.dropped_packets, out);
  families.collect(out);
}

std::string Metrics::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, Source(*this).Collect());
  return out.str();
}

}  // namespace fairlead::metrics
