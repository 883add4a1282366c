#include "zones/cluster_zone.h"

#include <algorithm>

namespace fairlead::zones {

const dns::Name* longest_of(std::span<const dns::Name> zones, dns::NameView lower_name) {
  const dns::Name* best = nullptr;
  for (const dns::Name& zone : zones) {
    if (best != nullptr && zone.size() <= best->size()) continue;
    if (dns::is_at_or_below(lower_name, zone.view())) best = &zone;
  }
  return best;
}

bool ClusterZone::falls_through(dns::NameView lower_qname) const {
  if (!has_fallthrough) return false;
  if (fallthrough_zones.empty()) return true;
  return std::ranges::any_of(fallthrough_zones, [&](const dns::Name& zone) {
    return dns::is_at_or_below(lower_qname, zone.view());
  });
}

}  // namespace fairlead::zones
