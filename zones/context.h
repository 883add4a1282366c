// What every part of the cluster zone's answer needs at hand. Internal to zones/.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dns/answer.h"
#include "dns/query.h"
#include "zones/cluster_zone.h"
#include "zones/locate.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

struct Context {
  const ClusterZone& cluster;
  const Snapshot& snapshot;
  const dns::Query& query;
  dns::NameView zone;  // the matched zone, in the query's case
  dns::Answer& answer;
  bool multicluster = false;  // the zone is of the cluster set

  /// What is not in the snapshot does not exist.
  [[nodiscard]] bool synced() const {
    return snapshot.synced() && (!multicluster || snapshot.imports_synced());
  }
};

/// Calls `visit(const SliceRecord&)` for every slice that this server is an endpoint of.
template <typename Visit>
void for_each_own_slice(const ClusterZone& cluster, const Snapshot& snapshot, Visit&& visit) {
  for (const dns::IpAddress& local : cluster.local_addresses) {
    snapshot.endpoints_at(local, [&](const SliceRecord& slice, size_t) { visit(slice); });
  }
}

/// The entries of an SRV answer are counted before repeats are dropped; each gets an equal share of
/// 100, at least 1.
inline uint16_t srv_weight(size_t entries) {
  return static_cast<uint16_t>(std::max<size_t>(1, 100 / std::max<size_t>(1, entries)));
}

/// An object's name with a dot in it is several labels; a label that holds a dot is another name
/// and matches none.
inline bool has_dot(std::string_view label) {
  return label.find('.') != std::string_view::npos;
}

/// Puts an object's name in front; one with dots becomes several labels.
inline bool prepend_object(dns::Name& name, std::string_view text) {
  for (size_t dot = text.rfind('.'); dot != std::string_view::npos; dot = text.rfind('.')) {
    if (!name.prepend(text.substr(dot + 1))) return false;
    text = text.substr(0, dot);
  }
  return name.prepend(text);
}

/// NAME.NAMESPACE.svc.ZONE, kept in the answer.
inline dns::NameRef add_service_name(const Context& context, const ServiceName& id,
                                     dns::NameView zone) {
  dns::Name name(zone);
  // Object names are at most 63 octets and zones are short; what would not fit is left out rather
  // than cut in two.
  static_cast<void>(name.prepend("svc") && prepend_object(name, id.namespace_name) &&
                    prepend_object(name, id.name));
  return context.answer.add_name(name.view());
}

/// ENDPOINT.NAME.NAMESPACE.svc.ZONE, kept in the answer; of an import
/// ENDPOINT.CLUSTER.NAME.NAMESPACE.svc.ZONE.
inline dns::NameRef add_endpoint_name(const Context& context, const SliceRecord& slice,
                                      size_t endpoint, dns::NameView zone) {
  dns::Name name(zone);
  char buffer[dns::kMaxAddressLabel + 2];
  static_cast<void>(name.prepend("svc") && prepend_object(name, slice.service->namespace_name) &&
                    prepend_object(name, slice.service->name) &&
                    (!slice.is_imported() || prepend_object(name, slice.group_name())) &&
                    prepend_object(name, slice.label(endpoint, buffer)));
  return context.answer.add_name(name.view());
}

/// apex.cc: the SOA of the zone, in the section given.
void add_soa(const Context& context, dns::Section section);
/// apex.cc: NS records with the addresses of their names; nothing when this server has no address
/// to offer.
void add_name_servers(const Context& context);
/// apex.cc: the addresses of ns.dns, those of `qtype`.
void add_name_server_addresses(const Context& context, dns::NameRef owner, dns::RrType qtype);

/// reverse.cc: the PTR records of an address.
void add_pointers(const Context& context, const dns::IpAddress& address);

}  // namespace fairlead::zones
