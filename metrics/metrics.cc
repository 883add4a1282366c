#include "metrics/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <sstream>

#include "metrics/backend_metrics.h"
#include "metrics/block_metrics.h"
#include "metrics/process_metrics.h"
#include "server/version.h"

namespace fairlead::metrics {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

void build_info(std::vector<MetricFamily>& out) {
  MetricFamily family;
  family.name = "coredns_build_info";
  family.help =
      "A metric with a constant '1' value labeled by version, revision, and goversion (here the "
      "compiler) of the build.";
  family.type = MetricType::Gauge;
  prometheus::ClientMetric metric;
  metric.label = {
      {"goversion", "gcc " __VERSION__}, {"revision", ""}, {"version", server::kVersion}};
  metric.gauge.value = 1;
  family.metric.push_back(std::move(metric));
  out.push_back(std::move(family));
}

void push_counter(std::vector<MetricFamily>& out, MetricName name, uint64_t value) {
  ScalarFamily family(ScalarFamily::Type::Counter, std::move(name));
  family.set({}, static_cast<double>(value));
  family.collect(out);
}

void collect_sockets(const SocketTotals& totals, std::vector<MetricFamily>& out) {
  push_counter(out,
               {"fairlead_udp_receive_drops_total",
                "Datagrams the kernel dropped because a receive queue was full.",
                {}},
               totals.udp_receive_drops);
  push_counter(out,
               {"fairlead_tcp_connections_refused_total",
                "TCP connections closed at once because of a limit.",
                {}},
               totals.tcp_connections_refused);
  ScalarFamily open(ScalarFamily::Type::Gauge,
                    {"fairlead_tcp_connections", "TCP connections open now.", {}});
  open.set({}, static_cast<double>(totals.tcp_connections));
  open.collect(out);
}

}  // namespace

// The label sets' counters: one BlockCounters per worker, each on cache lines of its own.
struct Metrics::Slots {
  explicit Slots(size_t workers) : by_worker(workers) {}
  std::vector<BlockCounters> by_worker;
};

/// What the library wants to see: a source of families.
class Metrics::Collector : public prometheus::Collectable {
 public:
  explicit Collector(const Metrics& metrics) : metrics_(metrics) {}
  [[nodiscard]] std::vector<MetricFamily> Collect() const override {
    std::vector<MetricFamily> out;
    metrics_.collect(out);
    return out;
  }

 private:
  const Metrics& metrics_;
};

Metrics::Metrics(size_t workers) : workers_(workers), packets_(workers) {}

Metrics::~Metrics() = default;

BlockCounters& Metrics::block(const BlockLabels& labels, size_t worker) {
  const std::lock_guard lock(mutex_);
  auto found = blocks_.find(labels);
  if (found == blocks_.end()) {
    const bool full = blocks_.size() >= kMaxBlocks;
    const BlockLabels kept = full ? BlockLabels{labels.server, "other", ""} : labels;
    found = blocks_.try_emplace(kept, nullptr).first;
    if (!found->second) found->second = std::make_unique<Slots>(workers_);
  }
  return found->second->by_worker.at(worker);
}

CacheCounters& Metrics::cache(const BlockLabels& labels, size_t worker) {
  const std::lock_guard lock(mutex_);
  const bool full = caches_.size() >= kMaxBlocks && !caches_.contains(labels);
  auto& slots = caches_[full ? BlockLabels{labels.server, "other", ""} : labels];
  if (!slots) slots = std::make_unique<std::vector<CacheCounters>>(workers_);
  return slots->at(worker);
}

PacketCounters& Metrics::packets(size_t worker) {
  return packets_.at(worker);
}

void Metrics::set_sockets(std::function<SocketTotals()> read) {
  const std::lock_guard lock(mutex_);
  sockets_ = std::move(read);
}

void Metrics::set_log_dropped(std::function<uint64_t()> read) {
  const std::lock_guard lock(mutex_);
  log_dropped_ = std::move(read);
}

void Metrics::set_backends(std::function<BackendTotals()> read) {
  const std::lock_guard lock(mutex_);
  backends_ = std::move(read);
}

void Metrics::collect(std::vector<MetricFamily>& out) const {
  build_info(out);
  server.collect(out);
  kubernetes.collect(out);
  collect_process(out);

  const std::lock_guard lock(mutex_);
  BlockFamilies blocks;
  for (const auto& [labels, slots] : blocks_) blocks.add(labels, slots->by_worker);
  blocks.collect(out);
  SocketTotals totals;
  if (sockets_) {
    totals = sockets_();
    collect_sockets(totals, out);
  }
  collect_cache_counters(caches_, out);
  if (backends_) collect_backends(backends_(), out);
  collect_packets(packets_, totals.dropped_packets, out);
  if (log_dropped_) {
    push_counter(out,
                 {"fairlead_log_lines_dropped_total",
                  "Log lines lost because the reader of the log was too slow or gone.",
                  {}},
                 log_dropped_());
  }
}

std::string Metrics::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, Collector(*this).Collect());
  return out.str();
}

}  // namespace fairlead::metrics
