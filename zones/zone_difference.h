// What of a cluster zone may differ between two snapshots.
#pragma once

#include <functional>

#include "dns/answer.h"
#include "zones/whole_zone.h"

namespace fairlead::zones {

/// Records of names in both versions, in the answer sections. False: enough.
using TakeNames = std::function<bool(const dns::Answer& earlier, const dns::Answer& later)>;

/// Calls `take` for the names that something has changed about, each in one call: what it does not
/// see is in both versions, or in none, but for the SOA record. Both snapshots are of one store.
/// False: `take` had enough, or so much has changed that a copy is better made anew.
bool find_differences(const WholeZone::Of& of, const SnapshotPtr& earlier, const SnapshotPtr& later,
                      const TakeNames& take);

}  // namespace fairlead::zones
