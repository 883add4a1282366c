// The copy of a cluster's zone that came in the compact form (dns/compact_zone.h).
#pragma once

#include <optional>
#include <string>

#include "dns/compact_zone.h"
#include "records/epoch.h"
#include "records/zone.h"

namespace fairlead::records {

/// None: the zone came in plain records.
using Cluster = std::optional<dns::ClusterRules>;

/// The rules that the zone has, if each of its records of the compact form is well formed and where
/// it belongs. Linear in the zone. What is wrong else is in `error`: the end of a sentence.
Cluster cluster_of(const Zone& zone, std::string& error);

/// The epoch of the same zone in the other form, which is another zone: who has a copy in one form
/// is never sent changes in the other.
inline Epoch epoch_of_other_form(Epoch epoch) {
  return epoch ? Epoch(~*epoch) : std::nullopt;
}

}  // namespace fairlead::records
