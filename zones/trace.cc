#include "zones/trace.h"

#include <algorithm>

namespace fairlead::zones {
namespace {

using At = Place::Kind;

std::string quoted(std::string_view label) {
  return "'" + label_text(label) + "'";
}

std::string service_text(const ServiceName& id) {
  return id.namespace_name + "/" + id.name;
}

// "http/tcp, metrics/tcp"
std::string list_ports(std::span<const PortRecord> ports) {
  std::string text;
  for (const PortRecord& port : ports) {
    const std::string name(port.name().empty() ? "(unnamed)" : port.name());
    text += (text.empty() ? "" : ", ") + name + "/" + std::string(port.protocol());
  }
  return text.empty() ? "none" : text;
}

// The ports of a headless service are those of its slices.
std::string list_service_ports(const ServiceRecord& service) {
  if (service.type == Service::Type::ClusterIp) return list_ports(service.ports.all());
  std::vector<PortRecord> ports;
  for (const auto& slice : service.slices) {
    for (const PortRecord& port : slice->ports) {
      if (std::ranges::find(ports, port) == ports.end()) ports.push_back(port);
    }
  }
  return list_ports(ports);
}

std::string why_no_address(const ClusterZone& cluster, const dns::IpAddress& address) {
  return "no service and no ready endpoint" +
         std::string(cluster.namespaces.empty() ? "" : " of the namespaces that are served") +
         " has the address " + address.to_text();
}

std::string why_no_namespace(const ClusterZone& cluster, std::string_view name) {
  const bool hidden = !cluster.namespaces.empty() &&
                      std::ranges::find(cluster.namespaces, name) == cluster.namespaces.end();
  if (hidden) return "namespace " + quoted(name) + " is not among those of the option namespaces";
  return "namespace " + quoted(name) + " does not exist";
}

// `labels` stand in front of "svc"; the service exists.
std::string why_no_part(const ClusterZone& cluster, const ServiceRecord& service,
                        const dns::Query& query, size_t labels) {
  const std::string name =
      "service '" + service.id->name + "' in namespace '" + service.id->namespace_name + "'";
  if (labels > 2 && service.type == Service::Type::ExternalName)
    return name + " is an ExternalName: no names stand below it";
  const std::string_view first = query.label(0);
  const bool by_endpoint = service.type == Service::Type::Headless || !first.starts_with('_');
  if (!service.has_endpoints() && (labels == 2 || by_endpoint || cluster.ignore_empty_service)) {
    const bool hidden = cluster.ignore_empty_service && service.type == Service::Type::ClusterIp;
    return name + " has no ready endpoint" +
           (hidden ? ", and the option ignore empty_service leaves such services out" : "");
  }
  if (labels == 4) {
    return name + " has no port " + quoted(first) + " with protocol " + quoted(query.label(1)) +
           "; its ports: " + list_service_ports(service);
  }
  if (first.starts_with('_'))
    return name + " has no named port with protocol " + quoted(first) +
           "; its ports: " + list_service_ports(service);
  return "no ready endpoint of " + name + " is called " + quoted(first);
}

// `labels` stand in front of "svc"; at least two.
std::string why_no_service(const ClusterZone& cluster, const Snapshot& snapshot,
                           const dns::Query& query, size_t labels, bool multicluster) {
  const std::string_view space = query.label(labels - 1);
  const std::string_view name = query.label(labels - 2);
  const ServiceRecord* service =
      multicluster ? snapshot.import(space, name) : snapshot.service(space, name);
  const bool dotted = (std::string(space) + std::string(name)).find('.') != std::string::npos;
  if (service == nullptr || dotted)
    return std::string(multicluster ? "service import " : "service ") + quoted(name) +
           " is not in namespace " + quoted(space);
  if (labels > 4 && cluster.zonal && !multicluster)
    return "ZONE.pin._zone and ZONE.prefer._zone stand in front of a headless service's name only";
  if (labels > 4)
    return "too many labels: at most _port._protocol stand in front of a service's name";
  return why_no_part(cluster, *service, query, labels);
}

// `labels` stand in front of "pod"; at least two.
std::string why_no_pod(const ClusterZone& cluster, const dns::Query& query, size_t labels) {
  const std::string_view label = query.label(labels - 2);
  const auto address = dns::address_from_label(label);
  if (labels > 4) return "too many labels: a pod's name is a-b-c-d.NAMESPACE.pod";
  if (!address) return quoted(label) + " does not spell an address, as 10-244-1-5 does";
  if (cluster.pods == PodMode::Verified && !dns::spells_exactly(label, *address))
    return quoted(label) + " spells an address, but not as a pod's name does";
  return "no running pod in namespace " + quoted(query.label(labels - 1)) + " has the address " +
         address->to_text();
}

std::string describe_service(const Place& place) {
  const ServiceRecord& service = *place.service;
  std::string text = (place.imported ? "ServiceImport " : "Service ") + service_text(*service.id);
  switch (service.type) {
    case Service::Type::ClusterIp:
      text += place.imported ? " (ClusterSetIP" : " (ClusterIP";
      break;
    case Service::Type::Headless:
      text += " (headless";
      break;
    case Service::Type::ExternalName:
      text += " (ExternalName";
      break;
  }
  if (!place.endpoint.empty()) text += ", endpoint " + quoted(place.endpoint);
  if (!place.port.any()) {
    text += ", port " + quoted(place.port.name) + " with protocol " + quoted(place.port.protocol);
  }
  return text + ")";
}

bool is_address_type(dns::RrType qtype) {
  return qtype == dns::RrType::A || qtype == dns::RrType::Aaaa;
}

std::string why_no_service_data(const Place& place, dns::RrType qtype) {
  const ServiceRecord& service = *place.service;
  if (service.type == Service::Type::ExternalName) {
    if (service.external_name.empty()) return "its externalName is not a domain name";
    if (is_address_type(qtype)) return "its target is a name of this zone without such an address";
    return "an ExternalName has a CNAME and nothing else";
  }
  if (is_address_type(qtype)) {
    const char* family = qtype == dns::RrType::A ? "IPv4" : "IPv6";
    return std::string("it has no ") + family + " address";
  }
  if (qtype == dns::RrType::Srv) return "it has no port";
  return "a service has A, AAAA and SRV records";
}

}  // namespace

std::string label_text(std::string_view label) {
  dns::Name name;
  if (!name.prepend(label)) return {};
  std::string text = dns::to_text(name.view());
  text.pop_back();
  return text;
}

std::string why_missing(const ClusterZone& cluster, const Snapshot& snapshot,
                        const dns::Query& query, const dns::Name& zone) {
  if (locate(cluster, snapshot, query, Aim(cluster, snapshot, query, zone)).kind != At::Missing)
    return {};
  const size_t labels = query.label_count - dns::label_count(zone.view());
  if (const auto address = dns::address_from_reverse_name(query.lower_qname.view()))
    return why_no_address(cluster, *address);
  if (dns::is_reverse_name(query.lower_qname.view()))
    return "the name is not that of a whole address";
  const std::string_view tree = query.label(labels - 1);
  if (tree != "svc" && tree != "pod") {
    return "only svc and pod stand below " + dns::to_text(zone.view()) + ", and not " +
           quoted(tree);
  }
  if (tree == "pod" && cluster.pods == PodMode::Disabled)
    return "pods are disabled: the kubernetes directive says neither pods insecure nor pods "
           "verified";
  const std::string_view space = query.label(labels - 2);
  if (!cluster.exposes(snapshot, space)) return why_no_namespace(cluster, space);
  if (tree == "pod") return why_no_pod(cluster, query, labels - 1);
  return why_no_service(cluster, snapshot, query, labels - 1, cluster.is_multicluster(zone));
}

std::string describe(const Place& place) {
  switch (place.kind) {
    case At::Missing:
      return "nothing";
    case At::Empty:
      return "no object: only names below this one have records";
    case At::Apex:
      return "the zone itself";
    case At::Version:
      return "the version of the naming scheme";
    case At::NameServer:
      return "this server";
    case At::Service:
      return describe_service(place);
    case At::Pod:
      return "the address in the name";
    case At::Reverse:
      return "the address " + place.address.to_text();
  }
  return {};
}

std::string why_no_data(const Place& place, dns::RrType qtype) {
  std::string why;
  switch (place.kind) {
    case At::Missing:
      break;
    case At::Empty:
      why = "only names below this one have records";
      break;
    case At::Apex:
      why = "the zone itself has SOA and NS records";
      break;
    case At::Version:
      why = "the version is a TXT record";
      break;
    case At::NameServer:
      why = "this server has no such address to offer";
      break;
    case At::Service:
      why = why_no_service_data(place, qtype);
      break;
    case At::Pod:
      why = "the address is of the other family";
      if (!is_address_type(qtype)) why = "a pod's name has one address and an SRV record";
      break;
    case At::Reverse:
      why = "a reverse name has PTR records";
      break;
  }
  return "type " + dns::to_text(qtype) + " has no records: NODATA: " + why;
}

}  // namespace fairlead::zones
