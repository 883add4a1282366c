// A question together with what it is about: found once, for whoever answers it.
#pragma once

#include "dns/query.h"
#include "zones/aim.h"
#include "zones/cluster_zone.h"
#include "zones/locate.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// Refers to all that it was made from.
struct Subject {
  Subject(const ClusterZone& in, const Snapshot& at, const dns::Query& asked)
      : Subject(in, at, asked, Aim(in, at, asked)) {}
  /// `aim` was read from `asked`.
  Subject(const ClusterZone& in, const Snapshot& at, const dns::Query& asked, const Aim& aim)
      : cluster(in),
        snapshot(at),
        query(asked),
        zone(aim.zone),
        labels(aim.labels),
        place(aim.zone != nullptr ? locate(in, at, asked, aim) : Place{}) {}

  const ClusterZone& cluster;
  const Snapshot& snapshot;
  const dns::Query& query;
  const dns::Name* zone;  // the longest that the name is in; null: none, and no place
  size_t labels;          // of the name in front of the zone
  Place place;

  /// Where the zone's name begins in the question's.
  [[nodiscard]] size_t zone_at() const { return query.qname.size() - zone->size(); }
};

}  // namespace fairlead::zones
