#include "zones/locate.h"

#include <algorithm>

namespace fairlead::zones {
namespace {

using At = Place::Kind;

// An object's name with a dot in it is several labels; a label that holds a dot is another name and
// matches none.
bool has_dot(std::string_view label) {
  return label.find('.') != std::string_view::npos;
}

std::string_view without_underscore(std::string_view label) {
  if (label.starts_with('_')) label.remove_prefix(1);
  return label;
}

// `_tcp.SERVICE…` lies between the service and its named ports: an empty non-terminal where such a
// port exists.
bool is_protocol_node(const ServiceRecord& service, std::string_view label) {
  if (label != "_tcp" && label != "_udp" && label != "_sctp") return false;
  const auto has_named_port = [&](const PortRecords& ports) {
    return std::ranges::any_of(ports, [&](const PortRecord& port) {
      return !port.name.empty() && port.protocol == label.substr(1);
    });
  };
  if (service.type == Service::Type::ClusterIp) return has_named_port(service.ports);
  if (service.type != Service::Type::Headless) return false;
  return std::ranges::any_of(service.slices,
                             [&](const auto& slice) { return has_named_port(slice->ports); });
}

bool has_address(const Place& place) {
  bool found = false;
  for_each_endpoint(place, [&](const SliceRecord&, const EndpointRecord&, size_t) {
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
  if (place.by_endpoint()) return has_address(place) || first_named(place) != nullptr;
  return matching_ports(service.ports, place.port) > 0;
}

// `labels` are those in front of "svc"; at least two.
Place locate_service(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query,
                     size_t labels) {
  Place place;
  if (labels > 4) return place;
  place.service = snapshot.service(query.label(labels - 1), query.label(labels - 2));
  if (place.service == nullptr || has_dot(query.label(labels - 1)) ||
      has_dot(query.label(labels - 2)))
    return place;
  if (labels == 3) place.endpoint = query.label(0);
  if (has_dot(place.endpoint)) return place;
  if (labels == 4)
    place.port = {without_underscore(query.label(0)), without_underscore(query.label(1))};
  const bool labelled = labels == 4;
  if (labelled && place.service->type == Service::Type::ExternalName) return place;
  if (service_has_name(cluster, place)) {
    place.kind = At::Service;
  } else if (labels == 3 && is_protocol_node(*place.service, place.endpoint)) {
    Place parent{.service = place.service};
    place.kind = service_has_name(cluster, parent) ? At::Empty : At::Missing;
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

bool reverse_name_exists(const ClusterZone& cluster, const Snapshot& snapshot,
                         const dns::IpAddress& address) {
  bool found = false;
  const auto exposed = [&](const ServiceName& id) {
    return cluster.exposes_pointers(snapshot, id.namespace_name);
  };
  snapshot.services_at(
      address, [&](const ServiceRecord& service) { found = found || exposed(*service.id); });
  snapshot.endpoints_at(address, [&](const SliceRecord& slice, const EndpointRecord&) {
    found = found || exposed(*slice.service);
  });
  return found;
}

}  // namespace

dns::NameView alias_target(const Place& place) {
  if (place.kind != At::Service) return {};
  if (!place.service->external_name.empty()) return wire_name(place.service->external_name);
  if (!place.by_endpoint()) return {};
  const NamedEndpoint* const named = first_named(place);
  return named != nullptr && !has_address(place) ? wire_name(named->target) : dns::NameView();
}

Place locate(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query,
             const dns::Name& zone) {
  const size_t labels = query.label_count - dns::label_count(zone.view());
  if (labels == 0) return {.kind = At::Apex};
  if (const auto address = dns::address_from_reverse_name(query.lower_qname.view())) {
    const bool exists = reverse_name_exists(cluster, snapshot, *address);
    return {.kind = exists ? At::Reverse : At::Missing, .address = *address};
  }
  if (labels == 1 && query.label(0) == "dns-version") return {.kind = At::Version};
  if (labels == 2 && query.label(0) == "ns" && query.label(1) == "dns")
    return {.kind = At::NameServer};

  const std::string_view tree = query.label(labels - 1);
  if (tree != "svc" && tree != "pod") return {};
  if (labels == 1) return {.kind = At::Empty};
  if (tree == "pod" && cluster.pods == PodMode::Disabled) return {};
  if (dns::is_reverse_name(query.lower_qname.view())) return {};
  if (!cluster.exposes(snapshot, query.label(labels - 2))) return {};
  if (labels == 2) return {.kind = At::Empty};
  return tree == "svc" ? locate_service(cluster, snapshot, query, labels - 1)
                       : locate_pod(cluster, snapshot, query, labels - 1);
}

}  // namespace fairlead::zones
