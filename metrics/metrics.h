// Everything that can be scraped. Lives as long as the process: a reload keeps counting where it
// was.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/block_counters.h"
#include "metrics/counter_table.h"
#include "metrics/family_set.h"
#include "metrics/packet_counters.h"

namespace fairlead::metrics {

/// What the sockets have counted so far, over all workers.
struct SocketTotals {
  uint64_t udp_receive_drops = 0;                   // the kernel's receive queue was full
  uint64_t tcp_connections = 0;                     // open now
  uint64_t tcp_connections_refused = 0;             // over a limit
  std::map<std::string, uint64_t> tls_handshakes;   // of clients, by outcome
  std::map<std::string, uint64_t> dropped_packets;  // replies that never left, by reason
  /// Replies of DNS over HTTPS: by server, then status.
  std::map<std::string, std::map<std::string, uint64_t>> https_replies;

  struct Drops {
    uint64_t queries = 0;  // the kernel's receive queue was full
    uint64_t replies = 0;  // the kernel did not take them
  };
  std::map<std::string, Drops> drops;  // by listening address: ":53"
};

/// Used by the control thread, but for packets(), which are each worker's.
class Metrics {
 public:
  /// `version` is what coredns_build_info says.
  Metrics(size_t workers, std::string version);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  PacketCounters& packets(size_t worker) { return packets_.at(worker); }
  [[nodiscard]] size_t workers() const { return workers_; }

  /// The table of this name: made when it is first asked for, the same with the same type later.
  template <class T>
  std::shared_ptr<CounterTableOf<T>> table(const std::string& name,
                                           typename CounterTableOf<T>::Collect collect) {
    auto& table = tables_[name];
    if (!table) table = std::make_shared<CounterTableOf<T>>(workers_, std::move(collect));
    return std::static_pointer_cast<CounterTableOf<T>>(table);
  }

  /// coredns_dns_*: the table of BlockCounters.
  std::shared_ptr<CounterTableOf<BlockCounters>> blocks();

  /// The number that stands for a directive in BlockCounters::count(); the same whenever asked
  /// again. 0 when there are too many.
  uint8_t maker(std::string_view directive);

  using Collector = std::function<void(FamilySet&)>;

  /// Called at each scrape from now on.
  void collect_from(Collector collector) { collectors_.push_back(std::move(collector)); }

  /// Likewise, in place of those of the configuration that was served before.
  void set_served(std::vector<Collector> collectors) { served_ = std::move(collectors); }

  /// Called at each scrape. Empty at first: then those families are left out.
  void set_sockets(std::function<SocketTotals()> read) { sockets_ = std::move(read); }

  ScalarFamily plugin_enabled;  // {server, zone, view, name}
  ScalarFamily reload_failed;

  /// What the sockets have counted; nothing before set_sockets().
  [[nodiscard]] SocketTotals sockets() const { return sockets_ ? sockets_() : SocketTotals{}; }

  /// The scrape: Prometheus text format 0.0.4.
  [[nodiscard]] std::string text() const;

  static constexpr char kContentType[] = "text/plain; version=0.0.4; charset=utf-8";

 private:
  class Source;

  void collect(std::vector<prometheus::MetricFamily>& out) const;

  const size_t workers_;
  const std::string version_;
  std::vector<PacketCounters> packets_;
  std::map<std::string, std::shared_ptr<CounterTable>> tables_;
  std::vector<std::string> makers_{""};
  std::vector<Collector> collectors_;
  std::vector<Collector> served_;
  std::function<SocketTotals()> sockets_;
};

}  // namespace fairlead::metrics
