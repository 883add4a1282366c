// What the copy of a cluster's zone says to a question, where it has the compact form: what the
// cluster's own server says, names that it computes included. Pure, no I/O, no clock.
#pragma once

#include <span>

#include "dns/answer.h"
#include "dns/compact_zone.h"
#include "dns/name.h"
#include "dns/query.h"
#include "records/respond.h"
#include "records/zone.h"

namespace fairlead::records {

/// As respond(), of a zone with these rules; never Failed. Source: zones/locate.h and
/// zones/respond.h, which say the same of the cluster itself.
Response respond_cluster(const Zone& zone, const dns::ClusterRules& rules, const dns::Query& query,
                         std::span<const dns::Name> fall_through, dns::Answer& answer);

}  // namespace fairlead::records
