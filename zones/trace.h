// Why the cluster zone says what it says, in words for people. Nothing that answers queries uses
// it.
#pragma once

#include <string>
#include <string_view>

#include "dns/query.h"
#include "zones/cluster_zone.h"
#include "zones/locate.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// Why locate() calls `query`, which is at or below `zone`, Missing: the first label from the right
/// that leads nowhere. One sentence without a final dot, one line of printable text. Empty when the
/// name is there.
std::string why_missing(const ClusterZone& cluster, const Snapshot& snapshot,
                        const dns::Query& query, const dns::Name& zone);

/// What stands at a name that is there: "Service shop/web (ClusterIP)".
std::string describe(const Place& place);

/// Why there are no records of `qtype` at `place`, which is not Missing.
std::string why_no_data(const Place& place, dns::RrType qtype);

/// `label` in presentation form.
std::string label_text(std::string_view label);

}  // namespace fairlead::zones
