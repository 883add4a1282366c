// What the SOA records of cluster zones say.
#pragma once

#include <algorithm>
#include <cstdint>

#include "dns/types.h"
#include "zones/cluster_zone.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

struct ZoneSoa {
  static constexpr uint32_t kRefresh = 7200;
  static constexpr uint32_t kRetry = 1800;
  static constexpr uint32_t kExpire = 86400;
  static constexpr uint32_t kMaxTtl = 300;

  uint32_t ttl = 0;
  uint32_t serial = 0;
  uint32_t minimum = 0;
};

/// In the authority section it is that of a denial.
inline ZoneSoa zone_soa(const ClusterZone& cluster, const Snapshot& snapshot,
                        dns::Section section) {
  uint32_t ttl = std::min(cluster.ttl, ZoneSoa::kMaxTtl);
  if (section == dns::Section::Authority) ttl = cluster.denial_ttl.value_or(ttl);
  return {ttl, snapshot.serial(), cluster.soa_minimum.value_or(cluster.ttl)};
}

}  // namespace fairlead::zones
