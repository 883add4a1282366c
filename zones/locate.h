// qname -> where in the cluster's tree of names it points.
#pragma once

#include <optional>
#include <string_view>

#include "dns/address.h"
#include "dns/query.h"
#include "zones/aim.h"
#include "zones/cluster_zone.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// The names of an address, one of them: a service's at a cluster IP, else an endpoint's.
struct Pointers {
  const ServiceName* service = nullptr;
  const SliceRecord* slice = nullptr;  // of an endpoint
  size_t endpoint = 0;                 // its number there
  size_t count = 0;                    // of all of them
};

/// What stands at a name. Views point into the query, pointers into the snapshot.
struct Place {
  enum class Kind : uint8_t {
    Missing,     // no such name
    Empty,       // an empty non-terminal: names lie below, no data here
    Apex,        // the zone's own name
    Version,     // dns-version
    NameServer,  // ns.dns
    Service,     // a service, or its ports or endpoints
    Pod,         // a-b-c-d.NAMESPACE.pod
    Reverse,     // the reverse name of a cluster IP or an endpoint
  };

  Kind kind = Kind::Missing;
  const ServiceRecord* service = nullptr;  // Service
  bool imported = false;                   // Service: of the cluster set
  std::string_view endpoint;  // Service: the endpoint's label; empty: the service itself
  std::string_view group;     // Service: only of records with this group_name(); empty: any
  PortFilter port;            // Service: the port and protocol labels
  dns::IpAddress address;     // Pod, Reverse
  Pointers pointers;          // Reverse

  /// The answer is made of endpoints, not of cluster IPs.
  [[nodiscard]] bool by_endpoint() const {
    return service->type == Service::Type::Headless || !endpoint.empty();
  }
};

/// Finds `query.lower_qname`; `aim` was read from the query, and has a zone. Below a forward zone:
///
///   SERVICE.NAMESPACE.svc
///   ENDPOINT.SERVICE.NAMESPACE.svc
///   _PORT._PROTOCOL.SERVICE.NAMESPACE.svc
///   ENDPOINT.CLUSTER.SERVICE.NAMESPACE.svc, in place of the second in a zone of the cluster set
///   ZONE.pin._zone.SERVICE.NAMESPACE.svc, and prefer for pin, with `zonal`
///   POD.NAMESPACE.pod, up to two labels in front of POD ignored
///   svc, pod, NAMESPACE.svc, NAMESPACE.pod, and what lies between a service and the names below
///   it: empty non-terminals
///   dns-version, ns.dns
/// and everything else is Missing. Source: Kubernetes DNS specification 1.1, CoreDNS's kubernetes
/// plugin.
Place locate(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query,
             const Aim& aim);

/// How many ports of the slice `place` means; 0: none of its endpoints.
inline size_t ports_meant(const Place& place, const SliceRecord& slice) {
  if (!place.group.empty() && slice.group_name() != place.group) return 0;
  return matching_ports(slice.ports, place.port);
}

/// The label of the endpoints that are looked for; empty: any.
class WantedLabel {
 public:
  explicit WantedLabel(std::string_view text);
  [[nodiscard]] bool is(const SliceRecord& slice, size_t endpoint) const {
    return text_.empty() || compare(slice, endpoint);
  }

 private:
  [[nodiscard]] bool compare(const SliceRecord& slice, size_t endpoint) const;

  std::string_view text_;
  uint32_t hash_ = 0;
  std::optional<dns::IpAddress> spelled_;
};

/// Calls `visit(const SliceRecord&, size_t endpoint, size_t ports)` for every endpoint that `place`
/// (by_endpoint) means; `ports` is how many of its ports match, at least one. Stops when `visit`
/// returns false.
template <typename Visit>
void for_each_endpoint(const Place& place, Visit&& visit) {
  const WantedLabel wanted(place.endpoint);
  for (const Ref<SliceRecord>& slice : place.service->slices) {
    const size_t ports = ports_meant(place, *slice);
    if (ports == 0) continue;
    for (size_t endpoint = 0; endpoint < slice->size(); ++endpoint) {
      if (wanted.is(*slice, endpoint) && !visit(*slice, endpoint, ports)) return;
    }
  }
}

/// The same for names in place of addresses: `visit(const SliceRecord&, const NamedEndpoint&,
/// size_t ports)`.
template <typename Visit>
void for_each_named_endpoint(const Place& place, Visit&& visit) {
  if (!place.service->named) return;
  for (const Ref<SliceRecord>& slice : place.service->slices) {
    const size_t ports = ports_meant(place, *slice);
    if (ports == 0) continue;
    for (const NamedEndpoint& endpoint : slice->names) {
      if (!place.endpoint.empty() && endpoint.label != place.endpoint) continue;
      if (!visit(*slice, endpoint, ports)) return;
    }
  }
}

/// How many entries an SRV answer has that is made of the endpoints, by address or name, of `place`
/// (by_endpoint): one for each of their ports that is meant.
size_t srv_entries(const Place& place);

/// Calls `visit(port)` for the ports that an SRV record can have: one without a number is none, but
/// counts among the entries.
template <typename Visit>
void for_each_srv_port(const PortRecords& ports, const PortFilter& filter, Visit&& visit) {
  for (const PortRecord& port : ports) {
    if (port.number != 0 && filter.matches(port)) visit(port);
  }
}

/// An endpoint, by address or name, that `place` (by_endpoint) means is there.
bool has_endpoint(const Place& place);

/// `_tcp.SERVICE…` lies between the service and its named ports: an empty non-terminal where such a
/// port exists.
bool is_protocol_node(const ServiceRecord& service, std::string_view label);

/// "_http", as a label in front of a service names its port, is "http".
inline std::string_view without_underscore(std::string_view label) {
  if (label.starts_with('_')) label.remove_prefix(1);
  return label;
}

/// The target of the CNAME at `place`: of an ExternalName, or of endpoints that are names and
/// nothing else (of several the first: one name has one CNAME, RFC 2181 §10.1). Empty: there is
/// none.
dns::NameView alias_target(const Place& place);

}  // namespace fairlead::zones
