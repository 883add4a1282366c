// The names by which services are reached from outside of the cluster: what one `k8s_external`
// directive says about answering, and its answer to a question. Pure, no I/O, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/query.h"
#include "zones/cluster_zone.h"
#include "zones/locate.h"
#include "zones/respond.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// Constant after construction; read by any thread. All names are lower case.
struct OutsideZone {
  std::vector<dns::Name> zones;  // forward and reverse
  size_t primary = 0;            // index of the zone that PTR targets end in
  dns::Name apex;                // the name server is ns1 below it, and it below each zone
  uint32_t ttl = 5;
  bool headless = false;                              // endpoints have names, too
  std::optional<std::vector<dns::Name>> fallthrough;  // of no zone: every name

  friend bool operator==(const OutsideZone&, const OutsideZone&) = default;

  /// ns1.APEX below `zone`.
  [[nodiscard]] dns::Name name_server(const dns::Name& zone) const;
  /// A name that does not exist here is passed on to the next directive.
  [[nodiscard]] bool falls_through(dns::NameView lower_qname) const;
};

/// What stands at a name of an OutsideZone.
struct OutsidePlace {
  enum class Kind : uint8_t {
    Missing,     // no such name
    Empty,       // names lie below, no data here
    Apex,        // the zone's own name
    NameServer,  // ns1 below the apex label
    Service,     // a service that is reached from outside
    Endpoints,   // endpoints of one that is not
    Reverse,     // the reverse name of an address outside
  };

  Kind kind = Kind::Missing;
  bool below_apex_label = false;           // Missing: nobody else has names there
  Place service;                           // Service, Endpoints: whose, which endpoint, which port
  const OutsideRecord* outside = nullptr;  // Service
  dns::IpAddress address;                  // Reverse
};

/// Finds `query.lower_qname`, which is at or below `zone`. The forms of a name below it:
///
///   SERVICE.NAMESPACE
///   ENDPOINT.SERVICE.NAMESPACE, any label where the service is reached from outside
///   _PORT._PROTOCOL.SERVICE.NAMESPACE
///   NAMESPACE, APEX: empty non-terminals
///   ns1.APEX
OutsidePlace locate_outside(const OutsideZone& outside, const ClusterZone& cluster,
                            const Snapshot& snapshot, const dns::Query& query,
                            const dns::Name& zone);

/// As respond(): of `cluster` it counts which namespaces are exposed, and this server's addresses.
/// SRV records may have targets without addresses: host names, which are to be asked for.
Response respond_outside(const OutsideZone& outside, const ClusterZone& cluster,
                         const Snapshot& snapshot, const dns::Query& query, dns::Answer& answer);

}  // namespace fairlead::zones
