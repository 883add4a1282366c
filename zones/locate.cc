#include "zones/locate.h"

#include <algorithm>

#include "zones/context.h"

namespace fairlead::zones {
namespace {

using At = Place::Kind;

bool has_address(const Place& place) {
  bool found = false;
  for_each_endpoint(place, [&](const SliceRecord&, size_t, size_t) {
    found = true;
    return false;
  });
  return found;
}

const NamedEndpoint* first_named(const Place& place) {
  const NamedEndpoint* first = nullptr;
  for_each_named_endpoint(place, [&](const SliceRecord&, const NamedEndpoint& endpoint, size_t) {
    first = &endpoint;
    return false;
  });
  return first;
}

bool service_has_name(const ClusterZone& cluster, const Place& place) {
  const ServiceRecord& service = *place.service;
  if (service.type == Service::Type::ExternalName)
    return place.endpoint.empty() && place.port.any();
  const bool hidden = cluster.ignore_empty_service && service.type == Service::Type::ClusterIp;
  if (hidden && !service.has_endpoints()) return false;
  if (place.by_endpoint()) return has_endpoint(place);
  return matching_ports(service.ports, place.port) > 0;
}

// The label in front of a service below which its endpoints in one cluster are called.
bool is_cluster_node(const ServiceRecord& import, std::string_view label) {
  return std::ranges::any_of(import.slices,
                             [&](const auto& slice) { return slice->group_name() == label; });
}

// What may stand between a service and names below it, whether or not there is one.
bool is_zonal_node(const dns::Query& query, size_t labels) {
  if (query.label(labels - 3) != "_zone") return false;
  return labels == 3 || query.label(labels - 4) == "pin" || query.label(labels - 4) == "prefer";
}

// `labels` are those in front of "svc"; at least three. Nothing below a service that is not
// headless, and everything below one that is.
Place locate_zonal(const dns::Query& query, size_t labels, Place place) {
  if (place.service->type != Service::Type::Headless || !is_zonal_node(query, labels))
    return {.service = place.service};
  place.kind = labels > 4 ? At::Service : At::Empty;
  if (labels <= 4) return place;
  const size_t end = query.label_at[labels - 4];
  place.group = {reinterpret_cast<const char*>(query.lower_qname.view().data()), end};
  const bool prefers = query.label(labels - 4) == "prefer";
  if (prefers && !has_endpoint(place)) place.group = {};
  return place;
}

// The two labels in front of a service: a port and its protocol, or, of an import, an endpoint and
// its cluster.
void read_pair(const dns::Query& query, bool multicluster, Place& place) {
  const std::string_view first = query.label(0), second = query.label(1);
  if (multicluster && !first.starts_with('_') && !second.starts_with('_')) {
    place.endpoint = first;
    place.group = second;
  } else {
    place.port = {without_underscore(first), without_underscore(second)};
  }
}

// A name that is no service's, and no endpoint's or port's of one: it may lead to some.
At node_below(const ClusterZone& cluster, const Place& place, bool multicluster,
              std::string_view label) {
  const bool leads = is_protocol_node(*place.service, label) ||
                     (multicluster && is_cluster_node(*place.service, label));
  return leads && service_has_name(cluster, {.service = place.service}) ? At::Empty : At::Missing;
}

// At least two labels stand in front of "svc".
Place locate_service(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query,
                     const Aim& aim) {
  const size_t labels = aim.labels - 1;
  const bool multicluster = aim.multicluster;
  Place place;
  const bool zonal = cluster.zonal && !multicluster;
  if (labels > 4 && !zonal) return place;
  const std::string_view space = query.label(labels - 1), name = query.label(labels - 2);
  place.imported = multicluster;
  place.service = multicluster ? snapshot.import(space, name, aim.service_hash)
                               : snapshot.service(space, name, aim.service_hash);
  if (place.service == nullptr || has_dot(space) || has_dot(name)) return place;
  if (labels > 4) return locate_zonal(query, labels, place);
  if (labels == 3 && !multicluster) place.endpoint = query.label(0);
  if (labels == 4) read_pair(query, multicluster, place);
  if (has_dot(place.endpoint)) return place;
  const bool labelled = labels == 4;
  if (labelled && place.service->type == Service::Type::ExternalName) return place;
  const bool below_import = multicluster && labels == 3;
  if (!below_import && service_has_name(cluster, place)) {
    place.kind = At::Service;
  } else if (zonal && labels > 2 && is_zonal_node(query, labels)) {
    return locate_zonal(query, labels, {.service = place.service});
  } else if (labels == 3) {
    place.kind = node_below(cluster, place, multicluster, query.label(0));
  }
  return place;
}

Place locate_pod(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query,
                 size_t labels) {
  Place place;
  if (labels > 4) return place;
  const std::string_view label = query.label(labels - 2);
  const auto address = dns::address_from_label(label);
  if (!address) return place;
  const bool verified = cluster.pods == PodMode::Verified;
  if (verified && !dns::spells_exactly(label, *address))
    return place;  // as the Pod object has it, and no other way
  if (verified && !snapshot.has_pod(*address, query.label(labels - 1))) return place;
  place.kind = At::Pod;
  place.address = *address;
  return place;
}

Pointers pointers_of(const ClusterZone& cluster, const Snapshot& snapshot,
                     const dns::IpAddress& address) {
  Pointers found;
  const auto exposed = [&](const ServiceName& id) {
    return cluster.exposes_pointers(snapshot, id.namespace_name);
  };
  snapshot.services_at(address, [&](const ServiceRecord& service) {
    if (exposed(*service.id)) found = {service.id.get(), nullptr, 0, found.count + 1};
  });
  if (found.count != 0) return found;
  snapshot.endpoints_at(address, [&](const SliceRecord& slice, size_t endpoint) {
    if (exposed(*slice.service)) found = {slice.service.get(), &slice, endpoint, found.count + 1};
  });
  return found;
}

Place locate_address(const ClusterZone& cluster, const Snapshot& snapshot,
                     const dns::IpAddress& address) {
  Place place{.address = address};
  place.pointers = pointers_of(cluster, snapshot, address);
  if (place.pointers.count != 0) place.kind = At::Reverse;
  return place;
}

}  // namespace

WantedLabel::WantedLabel(std::string_view text) : text_(text) {
  if (text.empty()) return;
  hash_ = label_hash(text);
  spelled_ = dns::address_from_label(text);
}

bool WantedLabel::compare(const SliceRecord& slice, size_t endpoint) const {
  if (!slice.spells_address(endpoint)) {
    if (slice.labels_of[endpoint].hash != hash_) return false;
  } else if (!spelled_ || !std::ranges::equal(slice.octets(endpoint), spelled_->octets())) {
    return false;
  }
  char buffer[dns::kMaxAddressLabel + 2];
  return slice.label(endpoint, buffer) == text_;
}

bool is_protocol_node(const ServiceRecord& service, std::string_view label) {
  if (label != "_tcp" && label != "_udp" && label != "_sctp") return false;
  const auto has_named_port = [&](const PortRecords& ports) {
    return std::ranges::any_of(ports, [&](const PortRecord& port) {
      return !port.name().empty() && port.protocol() == label.substr(1);
    });
  };
  if (service.type == Service::Type::ClusterIp) return has_named_port(service.ports);
  if (service.type != Service::Type::Headless) return false;
  return std::ranges::any_of(service.slices,
                             [&](const auto& slice) { return has_named_port(slice->ports); });
}

size_t srv_entries(const Place& place) {
  size_t entries = 0;
  const auto count = [&](const auto&, const auto&, size_t ports) {
    entries += ports;
    return true;
  };
  for_each_endpoint(place, count);
  for_each_named_endpoint(place, count);
  return entries;
}

bool has_endpoint(const Place& place) {
  return has_address(place) || first_named(place) != nullptr;
}

dns::NameView alias_target(const Place& place) {
  if (place.kind != At::Service) return {};
  if (!place.service->external_name.empty()) return wire_name(place.service->external_name);
  if (!place.by_endpoint()) return {};
  const NamedEndpoint* const named = first_named(place);
  return named != nullptr && !has_address(place) ? wire_name(named->target) : dns::NameView();
}

Place locate(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query,
             const Aim& aim) {
  const size_t labels = aim.labels;
  if (labels == 0) return {.kind = At::Apex};
  if (aim.address) return locate_address(cluster, snapshot, *aim.address);
  if (labels == 1 && query.label_is(0, "dns-version")) return {.kind = At::Version};
  if (labels == 2 && query.label_is(0, "ns") && query.label_is(1, "dns"))
    return {.kind = At::NameServer};

  if (aim.tree == Aim::Tree::Neither) return {};
  if (labels == 1) return {.kind = At::Empty};
  if (aim.reverse) return {};
  const bool pods = aim.tree == Aim::Tree::Pods;
  if (pods && cluster.pods == PodMode::Disabled) return {};
  const std::string_view space = query.label(labels - 2);
  if (cluster.hides(space) || !snapshot.has_namespace(space, aim.namespace_hash)) return {};
  if (labels == 2) return {.kind = At::Empty};
  return pods ? locate_pod(cluster, snapshot, query, labels - 1)
              : locate_service(cluster, snapshot, query, aim);
}

}  // namespace fairlead::zones
