// BlockCounters of many workers -> the coredns_dns_* families.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "metrics/block_counters.h"
#include "metrics/counter_table.h"

namespace prometheus {
struct MetricFamily;
}

namespace fairlead::metrics {

/// Sums up one scrape. A counter that is 0 and a histogram without observations are left out, as a
/// family that nobody touched is in CoreDNS.
class BlockFamilies {
 public:
  /// `makers`: the names behind Sample::maker, the first of them empty; must outlive this.
  explicit BlockFamilies(std::span<const std::string> makers);
  ~BlockFamilies();
  BlockFamilies(const BlockFamilies&) = delete;
  BlockFamilies& operator=(const BlockFamilies&) = delete;

  void add(const BlockLabels& labels, std::span<const BlockCounters> workers);

  /// Appends the families that have a series. Called once, last.
  void collect(std::vector<prometheus::MetricFamily>& out);

 private:
  void add_requests(const BlockLabels& block, std::span<const BlockCounters> workers);
  void add_histograms(const BlockLabels& block, std::span<const BlockCounters> workers);
  void add_responses(const BlockLabels& block, std::span<const BlockCounters> workers);

  struct Families;
  const std::span<const std::string> makers_;
  std::unique_ptr<Families> families_;
};

/// coredns_panics_total, fairlead_dns_parse_failures_total{reason} and
/// fairlead_dropped_packets_total{reason}.
void collect_packets(std::span<const PacketCounters> workers,
                     const std::map<std::string, uint64_t>& dropped,
                     std::vector<prometheus::MetricFamily>& out);

}  // namespace fairlead::metrics
