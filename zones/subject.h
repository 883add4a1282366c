// A question together with what it is about: found once, for whoever answers it.
#pragma once

#include "dns/query.h"
#include "zones/cluster_zone.h"
#include "zones/locate.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// Refers to all that it was made from.
struct Subject {
  Subject(const ClusterZone& in, const Snapshot& at, const dns::Query& asked)
      : cluster(in), snapshot(at), query(asked), zone(in.zone_of(asked.lower_qname.view())) {
    if (zone != nullptr) place = locate(in, at, asked, *zone);
  }

  const ClusterZone& cluster;
  const Snapshot& snapshot;
  const dns::Query& query;
  const dns::Name* zone;  // the longest that the name is in; null: none, and no place
  Place place;

  /// Where the zone's name begins in the question's.
  [[nodiscard]] size_t zone_at() const { return query.qname.size() - zone->size(); }
};

}  // namespace fairlead::zones
