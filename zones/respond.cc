#include "zones/respond.h"

#include <algorithm>
#include <optional>

#include "zones/context.h"

namespace fairlead::zones {
namespace {

using dns::RrType;
using dns::Section;
using At = Place::Kind;

constexpr uint32_t kVersionTtl = 28800;
constexpr std::string_view kSchemaVersion = "1.1.0";
constexpr size_t kMaxChain = 11;  // CNAMEs in one answer, as CoreDNS

// The addresses of `place`, those of the query's type.
void add_addresses(const Context& context, const Place& place, dns::NameRef owner) {
  const bool v6 = context.query.qtype == RrType::Aaaa;
  const uint32_t ttl = context.cluster.ttl;
  dns::Answer& answer = context.answer;
  if (place.kind == At::NameServer)
    return add_name_server_addresses(context, owner, context.query.qtype);
  if (place.kind == At::Pod) {
    if (place.address.is_v6() == v6) answer.add_address(Section::Answer, owner, ttl, place.address);
    return;
  }
  if (place.kind != At::Service) return;
  if (!place.by_endpoint()) {
    for (const dns::IpAddress& ip : place.service->cluster_ips) {
      if (ip.is_v6() == v6) answer.add_address(Section::Answer, owner, ttl, ip);
    }
    return;
  }
  for_each_endpoint(place, [&](const SliceRecord& slice, size_t endpoint, size_t) {
    if (slice.v6 == v6) answer.add_address(Section::Answer, owner, ttl, slice.address(endpoint));
    return true;
  });
}

bool leads_in_circle(const Context& context, dns::NameView own_name, dns::NameView target) {
  if (dns::is_at_or_below(dns::Name(target).lowered().view(), own_name)) return true;
  return std::ranges::any_of(context.answer.records(), [&](const dns::Record& record) {
    return dns::equal_ignoring_case(context.answer.rdata(record), target);
  });
}

// An ExternalName service, or an endpoint that is a name: CNAMEs while the targets are services of
// this zone, then addresses. What is asked elsewhere is a target out of the zone, and one in it
// that falls through. A chain that ends nowhere, is too long or runs in a circle is NODATA without
// its CNAMEs, as CoreDNS has it.
Response answer_alias(const Context& context, const Place& first, const dns::Name& zone) {
  dns::Query step = context.query;
  dns::NameRef owner = dns::kQname;
  Place place = first;
  for (dns::NameView target = alias_target(place); !target.empty(); target = alias_target(place)) {
    const bool too_long = context.answer.records().size() == kMaxChain;
    if (too_long || leads_in_circle(context, step.lower_qname.view(), target)) {
      context.answer.drop_records();
      return {Outcome::Answered};
    }
    const dns::NameRef next = context.answer.add_name(target);
    context.answer.add_name_record(RrType::Cname, Section::Answer, owner, context.cluster.ttl,
                                   next);
    owner = next;
    step.set_name(target);
    if (!dns::is_at_or_below(step.lower_qname.view(), zone.view())) return {Outcome::Chase, owner};
    const Aim aim(context.cluster, context.snapshot, step, zone);
    place = locate(context.cluster, context.snapshot, step, aim);
    if (place.kind != At::Missing) continue;
    if (context.cluster.falls_through(step.lower_qname.view())) return {Outcome::Chase, owner};
    if (!context.synced()) context.answer.rcode = dns::Rcode::ServFail;
  }
  const size_t aliases = context.answer.records().size();
  add_addresses(context, place, owner);
  if (context.answer.records().size() == aliases) context.answer.drop_records();
  return {Outcome::Answered};
}

Response answer_address(const Context& context, const Place& place, const dns::Name& zone) {
  if (!alias_target(place).empty()) return answer_alias(context, place, zone);
  add_addresses(context, place, dns::kQname);
  if (place.kind == At::Service && place.by_endpoint() && place.service->may_repeat())
    context.answer.drop_repeats();
  return {Outcome::Answered};
}

void add_srv_entry(const Context& context, const PortRecord& port, uint16_t weight,
                   dns::NameRef target) {
  context.answer.add_srv(dns::kQname, context.cluster.ttl,
                         {.weight = weight, .port = port.number, .target = target});
}

void add_service_srv(const Context& context, const Place& place) {
  const ServiceRecord& service = *place.service;
  const size_t entries = matching_ports(service.ports, place.port) * service.cluster_ips.size();
  if (entries == 0 || service.ports.empty()) return;
  const dns::NameRef target = add_service_name(context, *service.id, context.zone);
  for (const PortRecord& port : service.ports) {
    if (place.port.matches(port)) add_srv_entry(context, port, srv_weight(entries), target);
  }
  for (const dns::IpAddress& ip : service.cluster_ips) {
    context.answer.add_address(Section::Additional, target, context.cluster.ttl, ip);
  }
}

// One entry for each port that is meant. False, and no target made, when there is none.
template <typename MakeTarget>
bool add_port_entries(const Context& context, const Place& place, const SliceRecord& slice,
                      size_t entries, MakeTarget&& make_target) {
  std::optional<dns::NameRef> target;
  for_each_srv_port(slice.ports, place.port, [&](const PortRecord& port) {
    if (!target) target = make_target();
    add_srv_entry(context, port, srv_weight(entries), *target);
  });
  return target.has_value();
}

void add_endpoint_srv(const Context& context, const Place& place) {
  const size_t entries = srv_entries(place);
  for_each_endpoint(place, [&](const SliceRecord& slice, size_t endpoint, size_t) {
    dns::NameRef target;
    const bool added = add_port_entries(context, place, slice, entries, [&] {
      return target = add_endpoint_name(context, slice, endpoint, context.zone);
    });
    if (added) {
      context.answer.add_address(Section::Additional, target, context.cluster.ttl,
                                 slice.address(endpoint));
    }
    return true;
  });
  for_each_named_endpoint(
      place, [&](const SliceRecord& slice, const NamedEndpoint& endpoint, size_t) {
        add_port_entries(context, place, slice, entries,
                         [&] { return context.answer.add_name(wire_name(endpoint.target)); });
        return true;
      });
}

// A pod has no ports, yet CoreDNS gives it an SRV record with port 0.
void add_pod_srv(const Context& context, const Place& place) {
  const size_t labels = context.query.label_count - dns::label_count(context.zone);
  dns::Name name(context.zone);
  static_cast<void>(name.prepend("pod") && name.prepend(context.query.label(labels - 2)) &&
                    name.prepend(context.query.label(labels - 3)));
  const dns::NameRef target = context.answer.add_name(name.view());
  add_srv_entry(context, {}, srv_weight(1), target);
  context.answer.add_address(Section::Additional, target, context.cluster.ttl, place.address);
}

void answer_srv(const Context& context, const Place& place) {
  if (place.kind == At::Pod) return add_pod_srv(context, place);
  if (place.kind != At::Service || place.service->type == Service::Type::ExternalName) return;
  if (place.by_endpoint()) {
    add_endpoint_srv(context, place);
  } else {
    add_service_srv(context, place);
  }
  context.answer.drop_repeats();
}

void answer_cname(const Context& context, const Place& place) {
  const dns::NameView alias = alias_target(place);
  if (alias.empty()) return;
  const dns::NameRef target = context.answer.add_name(alias);
  context.answer.add_name_record(RrType::Cname, Section::Answer, dns::kQname, context.cluster.ttl,
                                 target);
}

// What exists at `place` for the type that was asked; nothing added means NODATA.
Response answer_type(const Context& context, const Place& place, const dns::Name& zone) {
  switch (context.query.qtype) {
    case RrType::A:
    case RrType::Aaaa:
      return answer_address(context, place, zone);
    case RrType::Srv:
      answer_srv(context, place);
      break;
    case RrType::Cname:
      answer_cname(context, place);
      break;
    case RrType::Ptr:
      if (place.kind == At::Reverse) add_pointers(context, place.address);
      break;
    case RrType::Txt:
      if (place.kind == At::Version)
        context.answer.add_txt(dns::kQname, kVersionTtl, kSchemaVersion);
      break;
    case RrType::Soa:
      if (place.kind == At::Apex) add_soa(context, Section::Answer);
      break;
    case RrType::Ns:
      if (place.kind == At::Apex) add_name_servers(context);
      break;
    default:
      break;
  }
  return {Outcome::Answered};
}

// Before the first sync nobody knows what exists: SERVFAIL, so that no resolver remembers an
// NXDOMAIN.
Response answer_missing(const Context& context) {
  if (context.cluster.falls_through(context.query.lower_qname.view()))
    return {Outcome::FallThrough};
  context.answer.authoritative = true;
  context.answer.rcode = context.synced() ? dns::Rcode::NxDomain : dns::Rcode::ServFail;
  add_soa(context, Section::Authority);
  return {Outcome::Answered};
}

}  // namespace

Response respond(const Subject& subject, dns::Answer& answer) {
  const auto& [cluster, snapshot, query, zone, labels, place] = subject;
  if (zone == nullptr) return {Outcome::NotInZone};
  if (query.qtype == RrType::Axfr || query.qtype == RrType::Ixfr) {
    answer.rcode = dns::Rcode::Refused;
    return {Outcome::Answered};
  }
  const Context context{cluster, snapshot,
                        query,   query.qname.last(zone->size()),
                        answer,  cluster.is_multicluster(*zone)};
  if (place.kind == At::Missing) return answer_missing(context);
  const Response response = answer_type(context, place, *zone);
  answer.authoritative = true;
  if (answer.records().empty()) add_soa(context, Section::Authority);
  return response;
}

}  // namespace fairlead::zones
