#include "zones/whole_zone.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <tuple>

#include "dns/compact_zone.h"
#include "dns/reverse_name.h"
#include "zones/context.h"
#include "zones/listed_pods.h"
#include "zones/respond.h"
#include "zones/soa.h"
#include "zones/table_parts.h"

namespace fairlead::zones {
namespace {

using dns::RrType;
using dns::Section;

constexpr size_t kSome = 1000;  // records of one call, about

}  // namespace

WholeZone::WholeZone(const Of& of, SnapshotPtr snapshot)
    : cluster_(of.cluster),
      outside_(of.outside),
      snapshot_(std::move(snapshot)),
      zone_(of.zone),
      compact_(of.compact && outside_ == nullptr),
      multicluster_(outside_ == nullptr && cluster_.is_multicluster(zone_)) {
  query_.has_question = true;
}

// Of each object an address and its ports.
size_t WholeZone::about() const {
  constexpr size_t kOfApex = 4;
  size_t objects = snapshot_->service_count() + snapshot_->endpoint_count();
  if (outside_ != nullptr) objects = snapshot_->outside_count();
  if (multicluster_) objects = snapshot_->import_count();
  if (compact_) objects += snapshot_->namespaces().size();
  if (has_pods()) objects += snapshot_->pods().size();
  return kOfApex + objects * (is_reverse() ? 1 : 2);
}

// What the zone says to the question, of this name and type. False: nothing.
bool WholeZone::ask(const dns::Name& name, RrType type, dns::Answer& answer) const {
  const auto* const zone = longest_of(
      outside_ != nullptr ? std::span(outside_->zones) : std::span(cluster_.zones), name.view());
  if (zone == nullptr || *zone != zone_) return false;  // of a zone within this one
  query_.qtype = type;
  query_.set_name(name.view());
  said_.clear();
  if (outside_ != nullptr) {
    respond_outside(*outside_, cluster_, *snapshot_, query_, said_);
  } else {
    respond(Subject(cluster_, *snapshot_, query_), said_);
  }
  bool any = false;
  dns::NameRef owner;
  for (const dns::Record& record : said_.records()) {
    const bool ours = record.section == Section::Answer && record.type == type &&
                      std::ranges::equal(said_.name(record.owner, name.view()), name.view());
    if (!ours) continue;
    if (!any) owner = answer.add_name(name.view());
    any = true;
    answer.add_raw(Section::Answer, owner, type, record.ttl, said_.rdata(record));
  }
  return any;
}

void WholeZone::add_soa(dns::Answer& answer) const {
  ask(zone_, RrType::Soa, answer);
}

bool WholeZone::next(dns::Answer& answer) {
  if (!std::exchange(begun_, true)) add_apex(answer);
  constexpr size_t kParts = 4 * Snapshot::kParts;  // services, imports, namespaces, pods
  while (answer.records().size() < kSome) {
    if (put_endpoints(answer)) continue;
    if (part_ == kParts) break;
    put_part(part_++, answer);
  }
  return !answer.records().empty();
}

void WholeZone::add_apex(dns::Answer& answer) const {
  dns::Name server = zone_;
  if (outside_ != nullptr) {
    server = outside_->name_server(zone_);
  } else {
    static_cast<void>(server.prepend("dns") && server.prepend("ns"));
  }
  // No zone is without one (RFC 1034 §4.2.1): BIND refuses it.
  const bool says_name_servers = ask(zone_, RrType::Ns, answer);
  if (!says_name_servers)
    answer.add_name_record(RrType::Ns, Section::Answer, answer.add_name(zone_.view()), cluster_.ttl,
                           answer.add_name(server.view()));
  for (const RrType type : {RrType::A, RrType::Aaaa}) ask(server, type, answer);
  dns::Name version = zone_;
  if (outside_ == nullptr && version.prepend("dns-version")) ask(version, RrType::Txt, answer);
  if (compact_) put_rules(says_name_servers, answer);
}

void WholeZone::put_rules(bool says_name_servers, dns::Answer& answer) const {
  using Pods = dns::ClusterRules::Pods;
  dns::ClusterRules rules{
      .says_name_servers = says_name_servers,
      .of_cluster_set = multicluster_,
      .zonal = cluster_.zonal && !multicluster_,
      .ttl = cluster_.ttl,
      .denial_ttl = zone_soa(cluster_, *snapshot_, Section::Authority).ttl,
  };
  if (cluster_.pods == PodMode::Insecure) rules.pods = Pods::Insecure;
  if (cluster_.pods == PodMode::Verified) rules.pods = Pods::Verified;
  dns::Name name = zone_;
  if (name.prepend(dns::kRulesLabel))
    answer.add_raw(Section::Answer, answer.add_name(name.view()), dns::kClusterRules, cluster_.ttl,
                   dns::rules_octets(rules));
}

void WholeZone::add_namespace(std::string_view name, dns::Answer& answer) const {
  if (!compact_ || is_reverse() || has_dot(name) || !cluster_.exposes(*snapshot_, name)) return;
  dns::Name owner = zone_;
  if (owner.prepend("svc") && owner.prepend(name))
    answer.add_raw(Section::Answer, answer.add_name(owner.view()), dns::kNamespaceMark,
                   cluster_.ttl, dns::kMark);
}

void WholeZone::add_pod(const dns::IpAddress& address, std::string_view namespace_name,
                        dns::Answer& answer) const {
  dns::Name name = zone_;
  std::array<char, dns::kMaxAddressLabel + 2> label{};
  const std::string_view text(label.data(), dns::dashed_address(address, label.data()));
  if (name.prepend("pod") && prepend_object(name, namespace_name) && name.prepend(text))
    ask(name, address.is_v6() ? RrType::Aaaa : RrType::A, answer);
}

void WholeZone::put_part(size_t part, dns::Answer& answer) {
  if (part >= 3 * Snapshot::kParts) {
    if (!has_pods()) return;
    return for_each_pod(*snapshot_, part % Snapshot::kParts, [&](const PodRecord& pod) {
      add_pod(pod.address.ip(), pod.in->name, answer);
    });
  }
  if (part >= 2 * Snapshot::kParts) {
    if (!compact_) return;
    return visit_part(snapshot_->namespaces(), part % Snapshot::kParts,
                      [&](uint32_t, const auto& entry) { add_namespace(entry->name, answer); });
  }
  const bool imports = part >= Snapshot::kParts;
  const bool reverse = is_reverse();
  if (!reverse && imports != multicluster_) return;
  snapshot_->services_in(part % Snapshot::kParts, imports, [&](const ServiceRecord& service) {
    if (reverse) return put_pointers(service, answer);
    if (service.declared) put_service(service, answer);
  });
}

std::optional<dns::Name> WholeZone::name_of(const ServiceName& id) const {
  dns::Name name = zone_;
  const bool fits = (outside_ != nullptr || name.prepend("svc")) &&
                    prepend_object(name, id.namespace_name) && prepend_object(name, id.name);
  return fits ? std::optional(name) : std::nullopt;
}

void WholeZone::add_service(std::string_view namespace_name, std::string_view name,
                            dns::Answer& answer) {
  const ServiceRecord* const service = multicluster_ ? snapshot_->import(namespace_name, name)
                                                     : snapshot_->service(namespace_name, name);
  if (service == nullptr) return;
  put_service(*service, answer);
  for (dns::Answer some; put_endpoints(some); some.clear()) answer.append(some, {});
}

void WholeZone::put_service(const ServiceRecord& service, dns::Answer& answer) {
  const ServiceName& id = *service.id;
  const auto base = name_of(id);
  if (!base || !cluster_.exposes(*snapshot_, id.namespace_name)) return;
  // An alias has no other data beside it (RFC 1034 §3.6.2).
  if (!ask(*base, RrType::Cname, answer)) {
    for (const RrType type : {RrType::A, RrType::Aaaa, RrType::Srv}) ask(*base, type, answer);
  }
  put_ports(*base, service, answer);
  put_zones(*base, service, answer);
  const bool outside =
      outside_ != nullptr && (snapshot_->outside(id.namespace_name, id.name) ||
                              service.type != Service::Type::Headless || !outside_->headless);
  if (outside || service.type == Service::Type::ExternalName) return;
  put_named(*base, service, answer);
  collect_endpoints(*base, service);
}

// Its endpoints by their zones, which only the compact form has: the names that go with them have
// no end.
void WholeZone::put_zones(const dns::Name& base, const ServiceRecord& service,
                          dns::Answer& answer) const {
  const bool has_zones = compact_ && cluster_.zonal && !multicluster_ &&
                         service.type == Service::Type::Headless && !has_dot(service.id->name) &&
                         !has_dot(service.id->namespace_name);
  dns::Name zones = base;
  if (!has_zones || !zones.prepend(dns::kZonesLabel)) return;
  answer.add_raw(Section::Answer, answer.add_name(zones.view()), dns::kZonesMark, cluster_.ttl,
                 dns::kMark);
  std::set<std::string_view> all;
  for (const auto& slice : service.slices)
    if (slice->group == SliceRecord::Group::Zone) all.insert(slice->group_name());
  if (!zones.prepend("pin")) return;
  for (const std::string_view zone : all) {
    const auto* const labels = reinterpret_cast<const uint8_t*>(zone.data());
    const auto name = dns::joined({labels, zone.size()}, zones.view());
    if (!name) continue;
    for (const RrType type : {RrType::A, RrType::Aaaa, RrType::Srv}) ask(*name, type, answer);
  }
}

// _PORT._PROTOCOL in front of it.
void WholeZone::put_ports(const dns::Name& base, const ServiceRecord& service,
                          dns::Answer& answer) const {
  std::set<std::pair<std::string_view, std::string_view>> named;
  const auto add = [&](const PortRecords& ports) {
    for (const PortRecord& port : ports)
      if (!port.name().empty()) named.emplace(port.name(), port.protocol());
  };
  add(service.ports);
  if (service.type == Service::Type::Headless)
    for (const auto& slice : service.slices) add(slice->ports);
  for (const auto& [port, protocol] : named) {
    dns::Name name = base;
    if (name.prepend("_" + std::string(protocol)) && name.prepend("_" + std::string(port)))
      ask(name, RrType::Srv, answer);
  }
}

// Endpoints that are names.
void WholeZone::put_named(const dns::Name& base, const ServiceRecord& service,
                          dns::Answer& answer) const {
  const auto before = [](const dns::Name& a, const dns::Name& b) {
    return std::ranges::lexicographical_compare(a.view(), b.view());
  };
  std::set<dns::Name, decltype(before)> names(before);
  for (const auto& slice : service.slices) {
    for (const NamedEndpoint& endpoint : slice->names) {
      dns::Name name = base;
      if (endpoint.label.empty() || has_dot(endpoint.label)) continue;
      if (slice->is_imported() && !prepend_object(name, slice->group_name())) continue;
      if (name.prepend(endpoint.label)) names.insert(name);
    }
  }
  for (const dns::Name& name : names) {
    if (!ask(name, RrType::Cname, answer)) ask(name, RrType::Srv, answer);
  }
}

// Those that are addresses. Made here rather than asked for one by one: each would look at all.
void WholeZone::collect_endpoints(const dns::Name& base, const ServiceRecord& service) {
  size_t count = 0;
  for (const auto& slice : service.slices) count += slice->size();
  if (count == 0) return;
  constexpr size_t kRoom = dns::kMaxAddressLabel + 2;
  Endpoints endpoints{
      .base = base, .all = {}, .computed = std::vector<char>(count * kRoom), .at = 0};
  endpoints.all.reserve(count);
  for (const auto& slice : service.slices) {
    for (size_t i = 0; i < slice->size(); ++i) {
      char* const buffer = endpoints.computed.data() + endpoints.all.size() * kRoom;
      endpoints.all.push_back({slice->label(i, buffer), slice.get(), i});
    }
  }
  const auto order = [](const Labelled& a, const Labelled& b) {
    const auto group = [](const Labelled& one) {
      return one.slice->is_imported() ? one.slice->group_name() : std::string_view();
    };
    return std::tuple(group(a), a.label) < std::tuple(group(b), b.label);
  };
  std::ranges::stable_sort(endpoints.all, order);
  waiting_.push_back(std::move(endpoints));
}

// Some of those that wait; false: none do.
bool WholeZone::put_endpoints(dns::Answer& answer) {
  if (waiting_.empty()) return false;
  Endpoints& service = waiting_.back();
  const auto is_other = [&](const Labelled& first, const Labelled& one) {
    return one.label != first.label ||
           (one.slice->is_imported() && one.slice->group_name() != first.slice->group_name());
  };
  while (service.at < service.all.size() && answer.records().size() < kSome) {
    const Labelled& first = service.all[service.at];
    size_t end = service.at + 1;
    while (end < service.all.size() && !is_other(first, service.all[end])) ++end;
    dns::Name name = service.base;
    const bool fits =
        !has_dot(first.label) &&
        (!first.slice->is_imported() || prepend_object(name, first.slice->group_name())) &&
        name.prepend(first.label);
    if (fits)
      put_endpoint(std::span(service.all).subspan(service.at, end - service.at), name, answer);
    service.at = end;
  }
  if (service.at == service.all.size()) waiting_.pop_back();
  return true;
}

// What ENDPOINT.SERVICE says: its addresses, and the ports of those.
void WholeZone::put_endpoint(std::span<const Labelled> same, const dns::Name& name,
                             dns::Answer& answer) const {
  const uint32_t ttl = outside_ != nullptr ? outside_->ttl : cluster_.ttl;
  size_t entries = 0;
  said_.clear();
  const dns::NameRef owner = said_.add_name(name.view());
  for (const Labelled& one : same) {
    said_.add_address(Section::Answer, owner, ttl, one.slice->address(one.endpoint));
    entries += matching_ports(one.slice->ports, {});
  }
  for (const Labelled& one : same) {
    for_each_srv_port(one.slice->ports, {}, [&](const PortRecord& port) {
      said_.add_srv(owner, ttl,
                    {.weight = srv_weight(entries), .port = port.number, .target = owner});
    });
  }
  said_.drop_repeats();
  answer.append(said_, name.view());
}

void WholeZone::add_pointers(const dns::IpAddress& address, dns::Answer& answer) const {
  const dns::Name name = dns::reverse_name(address);
  if (dns::is_at_or_below(name.view(), zone_.view())) ask(name, RrType::Ptr, answer);
}

// Of several that have the address one is the first.
bool WholeZone::is_first_at(const dns::IpAddress& address, const SliceRecord& slice,
                            size_t endpoint) const {
  bool has_service = false;
  std::optional<std::pair<const SliceRecord*, size_t>> first;
  snapshot_->services_at(address, [&](const ServiceRecord&) { has_service = true; });
  snapshot_->endpoints_at(address, [&](const SliceRecord& in, size_t one) {
    if (!first) first.emplace(&in, one);
  });
  return !has_service && first == std::pair(&slice, endpoint);
}

void WholeZone::put_outside_pointers(const ServiceName& id, dns::Answer& answer) const {
  const OutsideRecord* const outside = snapshot_->outside(id.namespace_name, id.name);
  if (outside == nullptr) return;
  for (const dns::IpAddress& ip : outside->addresses) {
    const ServiceName* first = nullptr;
    snapshot_->services_outside_at(ip, [&](const ServiceName& one) {
      if (first == nullptr) first = &one;
    });
    const bool ours =
        first != nullptr && first->name == id.name && first->namespace_name == id.namespace_name;
    if (ours) add_pointers(ip, answer);
  }
}

void WholeZone::put_pointers(const ServiceRecord& service, dns::Answer& answer) const {
  if (outside_ != nullptr) return put_outside_pointers(*service.id, answer);
  for (const dns::IpAddress& ip : service.cluster_ips) {
    const ServiceRecord* first = nullptr;
    snapshot_->services_at(ip, [&](const ServiceRecord& one) {
      if (first == nullptr) first = &one;
    });
    if (first == &service) add_pointers(ip, answer);
  }
  for (const auto& slice : service.slices) {
    for (size_t i = 0; i < slice->size(); ++i) {
      const dns::IpAddress address = slice->address(i);
      if (is_first_at(address, *slice, i)) add_pointers(address, answer);
    }
  }
}

}  // namespace fairlead::zones
