// Everything that can be scraped. Lives as long as the process: a reload keeps counting where it
// was.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "metrics/block_counters.h"
#include "metrics/cache_counters.h"
#include "metrics/metric_family.h"

namespace fairlead::metrics {

/// Which series a query belongs to: the `server`, `zone` and `view` labels.
struct BlockLabels {
  std::string server;  // "dns://:53"
  std::string zone;    // "cluster.local."; kDroppedZone for what no zone matched
  std::string view;
  friend auto operator<=>(const BlockLabels&, const BlockLabels&) = default;
};
inline constexpr char kDroppedZone[] = "dropped";

struct BackendTotals;

/// What the sockets have counted so far, over all workers.
struct SocketTotals {
  uint64_t udp_receive_drops = 0;                   // the kernel's receive queue was full
  uint64_t tcp_connections = 0;                     // open now
  uint64_t tcp_connections_refused = 0;             // over a limit
  std::map<std::string, uint64_t> dropped_packets;  // replies that never left, by reason
};

/// The families that are fed from outside the query path. Each is thread safe.
struct ServerFamilies {
  ServerFamilies();
  ScalarFamily plugin_enabled;                                  // {server, zone, view, name}
  ScalarFamily health_failures, reload_failed, reload_version;  // reload_version: {hash, value}
  HistogramFamily health_duration;
  void collect(std::vector<prometheus::MetricFamily>& out) const;
};

/// The kubernetes directive's. Label values: kind is the API resource ("services"), verb and method
/// "GET".
struct KubernetesFamilies {
  KubernetesFamilies();
  HistogramFamily programming;                              // {service_kind}
  ScalarFamily requests;                                    // {code, method, host}
  HistogramFamily request_duration, rate_limiter_duration;  // {verb, host}
  ScalarFamily objects, objects_skipped, relists;  // {kind}, {kind, reason}, {kind, reason}

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

/// Thread safe but for what it hands out.
class Metrics {
 public:
  explicit Metrics(size_t workers);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The counters of one worker (0-based) for one label set; the same object whenever asked again,
  /// and valid as long as this. Beyond kMaxBlocks label sets a series is shared that says zone
  /// "other".
  BlockCounters& block(const BlockLabels& labels, size_t worker);
  static constexpr size_t kMaxBlocks = 4096;

  /// The same for the counters of a cache; labels.zone are the cache's zones.
  CacheCounters& cache(const BlockLabels& labels, size_t worker);

  PacketCounters& packets(size_t worker);
  [[nodiscard]] size_t workers() const { return workers_; }

  ServerFamilies server;
  KubernetesFamilies kubernetes;

  /// Called at each scrape, on the scraping thread. Empty at first: then those families are left
  /// out.
  void set_sockets(std::function<SocketTotals()> read);
  void set_log_dropped(std::function<uint64_t()> read);
  void set_backends(std::function<BackendTotals()> read);

  /// The scrape: Prometheus text format 0.0.4.
  [[nodiscard]] std::string text() const;

  static constexpr char kContentType[] = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Slots;
  class Collector;

  void collect(std::vector<prometheus::MetricFamily>& out) const;

  const size_t workers_;
  std::vector<PacketCounters> packets_;
  mutable std::mutex mutex_;  // guards the following
  std::map<BlockLabels, std::unique_ptr<Slots>> blocks_;
  std::map<BlockLabels, std::unique_ptr<std::vector<CacheCounters>>> caches_;
  std::function<SocketTotals()> sockets_;
  std::function<BackendTotals()> backends_;
  std::function<uint64_t()> log_dropped_;
};

}  // namespace fairlead::metrics
