#include "zones/outside_zone.h"

#include <algorithm>

#include "dns/address.h"
#include "zones/context.h"
#include "zones/soa.h"

namespace fairlead::zones {
namespace {

using dns::RrType;
using dns::Section;
using OutsideAt = OutsidePlace::Kind;

struct Asked {
  const OutsideZone& outside;
  const ClusterZone& cluster;
  const Snapshot& snapshot;
  const dns::Query& query;
  dns::Answer& answer;
  const dns::Name& zone;
};

bool outside_name_exists(const ClusterZone& cluster, const Snapshot& snapshot,
                         const dns::IpAddress& address) {
  bool found = false;
  snapshot.services_outside_at(address, [&](const ServiceName& id) {
    found = found || cluster.exposes_pointers(snapshot, id.namespace_name);
  });
  return found;
}

// `labels` are those in front of the zone; at least two.
OutsidePlace locate_service(const OutsideZone& outside, const Snapshot& snapshot,
                            const dns::Query& query, size_t labels) {
  OutsidePlace place;
  Place& of = place.service;
  const std::string_view space = query.label(labels - 1), name = query.label(labels - 2);
  if (labels > 4 || has_dot(space) || has_dot(name)) return place;
  of.service = snapshot.service(space, name);
  if (of.service == nullptr) return place;
  of.kind = Place::Kind::Service;
  if (labels == 4)
    of.port = {without_underscore(query.label(0)), without_underscore(query.label(1))};
  place.outside = snapshot.outside(space, name);
  if (place.outside != nullptr) {
    if (matching_ports(of.service->ports, of.port) > 0) place.kind = OutsideAt::Service;
    return place;
  }
  if (labels == 3) of.endpoint = query.label(0);
  if (!outside.headless || !of.by_endpoint() || has_dot(of.endpoint)) return place;
  if (has_endpoint(of)) {
    place.kind = OutsideAt::Endpoints;
  } else if (labels == 3 && is_protocol_node(*of.service, of.endpoint)) {
    place.kind = OutsideAt::Empty;
  }
  return place;
}

dns::NameRef name_server(const Asked& asked) {
  return asked.answer.add_name(asked.outside.name_server(asked.zone).view());
}

void add_outside_soa(const Asked& asked, Section section) {
  dns::Answer& answer = asked.answer;
  const uint32_t ttl = asked.outside.ttl;
  dns::Answer::Soa soa;
  soa.mname = name_server(asked);
  const dns::NameView mname = answer.name(soa.mname, {});
  const dns::Name parent(mname.subspan(mname[0] + 1U));
  soa.rname = answer.add_name("hostmaster", parent.view());
  soa.serial = asked.snapshot.serial();
  soa.refresh = ZoneSoa::kRefresh;
  soa.retry = ZoneSoa::kRetry;
  soa.expire = ZoneSoa::kExpire;
  soa.minimum = ttl;
  answer.add_soa(section, answer.add_name(asked.zone.view()), ttl, soa);
}

// Calls `visit(address)`: where the services that select this server are reached from outside, by
// endpoint where they are headless and that counts. A server that no service selects has its own
// addresses.
template <typename Visit>
void for_each_own_address(const Asked& asked, Visit&& visit) {
  bool selected = false;
  for_each_own_slice(asked.cluster, asked.snapshot, [&](const SliceRecord& slice) {
    selected = true;
    const ServiceName& id = *slice.service;
    const ServiceRecord* service = asked.snapshot.service(id.namespace_name, id.name);
    if (service == nullptr) return;
    const OutsideRecord* outside = asked.snapshot.outside(id.namespace_name, id.name);
    if (asked.outside.headless && service->type == Service::Type::Headless) {
      for (size_t i = 0; i < slice.size(); ++i) visit(slice.address(i));
    } else if (outside != nullptr) {
      for (const dns::IpAddress& ip : outside->addresses) visit(ip);
    }
  });
  if (selected) return;
  for (const dns::IpAddress& local : asked.cluster.local_addresses) visit(local);
}

void add_own_addresses(const Asked& asked, dns::NameRef owner) {
  const bool v6 = asked.query.qtype == RrType::Aaaa;
  if (!v6 && asked.query.qtype != RrType::A) return;
  for_each_own_address(asked, [&](const dns::IpAddress& address) {
    if (address.is_v6() == v6)
      asked.answer.add_address(Section::Answer, owner, asked.outside.ttl, address);
  });
  asked.answer.drop_repeats();
}

void answer_apex(const Asked& asked) {
  if (asked.query.qtype == RrType::Soa) return add_outside_soa(asked, Section::Answer);
  if (asked.query.qtype != RrType::Ns) return;
  const uint32_t ttl = asked.outside.ttl;
  const dns::NameRef name = name_server(asked);
  asked.answer.add_name_record(RrType::Ns, Section::Answer,
                               asked.answer.add_name(asked.zone.view()), ttl, name);
  for_each_own_address(asked, [&](const dns::IpAddress& address) {
    asked.answer.add_address(Section::Additional, name, ttl, address);
  });
  asked.answer.drop_repeats();
}

void add_pointers(const Asked& asked, const dns::IpAddress& address) {
  if (asked.query.qtype != RrType::Ptr) return;
  asked.snapshot.services_outside_at(address, [&](const ServiceName& id) {
    if (!asked.cluster.exposes_pointers(asked.snapshot, id.namespace_name)) return;
    dns::Name target(asked.outside.zones[asked.outside.primary]);
    static_cast<void>(prepend_object(target, id.namespace_name) && prepend_object(target, id.name));
    asked.answer.add_name_record(RrType::Ptr, Section::Answer, dns::kQname, asked.outside.ttl,
                                 asked.answer.add_name(target.view()));
  });
}

void add_srv(const Asked& asked, const PortRecord& port, size_t entries, dns::NameRef target) {
  asked.answer.add_srv(dns::kQname, asked.outside.ttl,
                       {.weight = srv_weight(entries), .port = port.number, .target = target});
}

void add_service_srv(const Asked& asked, const OutsidePlace& place) {
  const ServiceRecord& service = *place.service.service;
  const PortFilter& filter = place.service.port;
  const OutsideRecord& outside = *place.outside;
  const size_t entries =
      matching_ports(service.ports, filter) * (outside.addresses.size() + outside.names.size());
  if (!outside.addresses.empty()) {
    dns::Name name(asked.zone);
    static_cast<void>(prepend_object(name, service.id->namespace_name) &&
                      prepend_object(name, service.id->name));
    const dns::NameRef target = asked.answer.add_name(name.view());
    for_each_srv_port(service.ports, filter,
                      [&](const PortRecord& port) { add_srv(asked, port, entries, target); });
    for (const dns::IpAddress& ip : outside.addresses)
      asked.answer.add_address(Section::Additional, target, asked.outside.ttl, ip);
  }
  for (const std::string& wire : outside.names) {
    const dns::NameRef target = asked.answer.add_name(wire_name(wire));
    for_each_srv_port(service.ports, filter,
                      [&](const PortRecord& port) { add_srv(asked, port, entries, target); });
  }
}

dns::NameRef add_endpoint_target(const Asked& asked, const SliceRecord& slice, size_t endpoint) {
  dns::Name name(asked.zone);
  char buffer[dns::kMaxAddressLabel + 2];
  static_cast<void>(prepend_object(name, slice.service->namespace_name) &&
                    prepend_object(name, slice.service->name) &&
                    prepend_object(name, slice.label(endpoint, buffer)));
  return asked.answer.add_name(name.view());
}

void add_endpoint_srv(const Asked& asked, const Place& place) {
  const size_t entries = srv_entries(place);
  for_each_endpoint(place, [&](const SliceRecord& slice, size_t endpoint, size_t) {
    const dns::NameRef target = add_endpoint_target(asked, slice, endpoint);
    for_each_srv_port(slice.ports, place.port,
                      [&](const PortRecord& port) { add_srv(asked, port, entries, target); });
    asked.answer.add_address(Section::Additional, target, asked.outside.ttl,
                             slice.address(endpoint));
    return true;
  });
  for_each_named_endpoint(
      place, [&](const SliceRecord& slice, const NamedEndpoint& endpoint, size_t) {
        const dns::NameRef target = asked.answer.add_name(wire_name(endpoint.target));
        for_each_srv_port(slice.ports, place.port,
                          [&](const PortRecord& port) { add_srv(asked, port, entries, target); });
        return true;
      });
}

void answer_srv(const Asked& asked, const OutsidePlace& place) {
  if (place.kind == OutsideAt::Service) {
    add_service_srv(asked, place);
  } else {
    add_endpoint_srv(asked, place.service);
  }
  if (asked.answer.count(Section::Answer) == 0) asked.answer.drop_records();
  asked.answer.drop_repeats();
}

// The name that all of it stands for; of several the first: one name has one CNAME, and no other
// data beside it (RFC 2181 §10.1, RFC 1034 §3.6.2). Empty: there are addresses.
dns::NameView alias_of(const OutsidePlace& place) {
  if (place.outside == nullptr) return alias_target(place.service);
  if (!place.outside->addresses.empty()) return {};
  return wire_name(place.outside->names.front());
}

void add_addresses(const Asked& asked, const OutsidePlace& place) {
  const bool v6 = asked.query.qtype == RrType::Aaaa;
  const auto add = [&](const dns::IpAddress& ip) {
    if (ip.is_v6() == v6)
      asked.answer.add_address(Section::Answer, dns::kQname, asked.outside.ttl, ip);
  };
  if (place.outside != nullptr) {
    std::ranges::for_each(place.outside->addresses, add);
    return;
  }
  for_each_endpoint(place.service, [&](const SliceRecord& slice, size_t endpoint, size_t) {
    add(slice.address(endpoint));
    return true;
  });
  asked.answer.drop_repeats();
}

Response answer_service(const Asked& asked, const OutsidePlace& place) {
  const RrType qtype = asked.query.qtype;
  const bool address = qtype == RrType::A || qtype == RrType::Aaaa;
  if (qtype == RrType::Srv) answer_srv(asked, place);
  if (!address && qtype != RrType::Cname) return {Outcome::Answered};
  const dns::NameView alias = alias_of(place);
  if (!alias.empty()) {
    const dns::NameRef target = asked.answer.add_name(alias);
    asked.answer.add_name_record(RrType::Cname, Section::Answer, dns::kQname, asked.outside.ttl,
                                 target);
    return {address ? Outcome::Chase : Outcome::Answered, target};
  }
  if (address) add_addresses(asked, place);
  return {Outcome::Answered};
}

Response answer_type(const Asked& asked, const OutsidePlace& place) {
  switch (place.kind) {
    case OutsideAt::Service:
    case OutsideAt::Endpoints:
      return answer_service(asked, place);
    case OutsideAt::Apex:
      answer_apex(asked);
      break;
    case OutsideAt::NameServer:
      add_own_addresses(asked, dns::kQname);
      break;
    case OutsideAt::Reverse:
      add_pointers(asked, place.address);
      break;
    case OutsideAt::Missing:
    case OutsideAt::Empty:
      break;
  }
  return {Outcome::Answered};
}

}  // namespace

dns::Name OutsideZone::name_server(const dns::Name& zone) const {
  dns::Name name = zone;
  std::array<std::string_view, dns::kMaxLabels> labels;
  size_t count = 0;
  const dns::NameView front = apex.view();
  for (size_t at = 0; front[at] != 0; at += front[at] + 1U)
    labels[count++] = {reinterpret_cast<const char*>(front.data() + at + 1), front[at]};
  while (count > 0) static_cast<void>(name.prepend(labels[--count]));
  static_cast<void>(name.prepend("ns1"));
  return name;
}

bool OutsideZone::falls_through(dns::NameView lower_qname) const {
  if (!fallthrough) return false;
  return fallthrough->empty() || dns::is_at_or_below_any(lower_qname, *fallthrough);
}

OutsidePlace locate_outside(const OutsideZone& outside, const ClusterZone& cluster,
                            const Snapshot& snapshot, const dns::Query& query,
                            const dns::Name& zone) {
  const size_t labels = query.label_count - dns::label_count(zone.view());
  const dns::NameView name = query.lower_qname.view();
  if (labels == 0) return {.kind = OutsideAt::Apex};
  if (const auto address = dns::address_from_reverse_name(name)) {
    const bool exists = outside_name_exists(cluster, snapshot, *address);
    return {.kind = exists ? OutsideAt::Reverse : OutsideAt::Missing, .address = *address};
  }
  const dns::NameView apex = outside.apex.view();
  const size_t apex_labels = dns::label_count(apex);
  if (labels >= apex_labels) {
    // Of equal length and in one piece: what stands between the name's front and the zone.
    const size_t at = query.label_at[labels - apex_labels];
    const size_t size = apex.size() - 1;
    if (at + size < name.size() && std::ranges::equal(name.subspan(at, size), apex.first(size))) {
      const size_t below = labels - apex_labels;
      if (below == 0) return {.kind = OutsideAt::Empty};
      if (below == 1 && query.label(0) == "ns1") return {.kind = OutsideAt::NameServer};
      return {.below_apex_label = true};
    }
  }
  if (dns::is_reverse_name(name)) return {};
  if (!cluster.exposes(snapshot, query.label(labels - 1))) return {};
  if (labels == 1) return {.kind = OutsideAt::Empty};
  return locate_service(outside, snapshot, query, labels);
}

Response respond_outside(const OutsideZone& outside, const ClusterZone& cluster,
                         const Snapshot& snapshot, const dns::Query& query, dns::Answer& answer) {
  const dns::NameView name = query.lower_qname.view();
  const dns::Name* zone = longest_of(outside.zones, name);
  if (zone == nullptr) return {Outcome::NotInZone};
  if (query.qtype == RrType::Axfr || query.qtype == RrType::Ixfr) {
    answer.rcode = dns::Rcode::Refused;
    return {Outcome::Answered};
  }
  const Asked asked{outside, cluster, snapshot, query, answer, *zone};
  const OutsidePlace place = locate_outside(outside, cluster, snapshot, query, *zone);
  Response response{Outcome::Answered};
  if (place.kind == OutsideAt::Missing) {
    if (!place.below_apex_label && outside.falls_through(name)) return {Outcome::FallThrough};
    answer.rcode = snapshot.synced() ? dns::Rcode::NxDomain : dns::Rcode::ServFail;
  } else {
    response = answer_type(asked, place);
  }
  answer.authoritative = true;
  if (answer.records().empty()) add_outside_soa(asked, Section::Authority);
  return response;
}

}  // namespace fairlead::zones
