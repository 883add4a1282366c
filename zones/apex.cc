// The records of the zone itself: SOA, NS, and the name server's own name, ns.dns.
#include <algorithm>

#include "zones/context.h"

namespace fairlead::zones {
namespace {

constexpr uint32_t kRefresh = 7200;
constexpr uint32_t kRetry = 1800;
constexpr uint32_t kExpire = 86400;
constexpr uint32_t kMaxSoaTtl = 300;

dns::NameRef default_name_server(const Context& context) {
  dns::Name name(context.zone);
  static_cast<void>(name.prepend("dns") && name.prepend("ns"));
  return context.answer.add_name(name.view());
}

// Calls `visit(name of the server, address)`: the services that select this server, by their
// cluster IPs or, headless, by their endpoints. A server that no service selects goes by ns.dns and
// its own addresses.
template <typename Visit>
void for_each_name_server(const Context& context, Visit&& visit) {
  bool selected = false;
  const auto from_service = [&](const SliceRecord& own_slice) {
    selected = true;
    const ServiceName& id = *own_slice.service;
    const ServiceRecord* service = context.snapshot.service(id.namespace_name, id.name);
    if (service == nullptr) return;
    if (service->type == Service::Type::Headless) {
      for (const EndpointRecord& endpoint : own_slice.endpoints) {
        visit(add_endpoint_name(context, own_slice, endpoint, context.zone),
              own_slice.address(endpoint));
      }
    } else if (service->type == Service::Type::ClusterIp && !service->cluster_ips.empty()) {
      const dns::NameRef name = add_service_name(context, id, context.zone);
      for (const dns::IpAddress& ip : service->cluster_ips) visit(name, ip);
    }
  };
  for (const dns::IpAddress& local : context.cluster.local_addresses) {
    context.snapshot.endpoints_at(
        local, [&](const SliceRecord& slice, const EndpointRecord&) { from_service(slice); });
  }
  if (selected || context.cluster.local_addresses.empty()) return;
  const dns::NameRef name = default_name_server(context);
  for (const dns::IpAddress& local : context.cluster.local_addresses) visit(name, local);
}

}  // namespace

void add_soa(const Context& context, dns::Section section) {
  uint32_t ttl = std::min(context.cluster.ttl, kMaxSoaTtl);
  if (section == dns::Section::Authority) ttl = context.cluster.denial_ttl.value_or(ttl);
  dns::Answer::Soa soa;
  soa.mname = default_name_server(context);
  soa.rname = context.answer.add_name("hostmaster", context.zone);
  soa.serial = context.snapshot.serial();
  soa.refresh = kRefresh;
  soa.retry = kRetry;
  soa.expire = kExpire;
  soa.minimum = context.cluster.soa_minimum.value_or(context.cluster.ttl);
  context.answer.add_soa(section, context.answer.add_name(context.zone), ttl, soa);
}

void add_name_servers(const Context& context) {
  for_each_name_server(context, [&](dns::NameRef name, const dns::IpAddress& address) {
    context.answer.add_name_record(dns::RrType::Ns, dns::Section::Answer, dns::kQname,
                                   context.cluster.ttl, name);
    context.answer.add_address(dns::Section::Additional, name, context.cluster.ttl, address);
  });
  context.answer.drop_repeats();
}

void add_name_server_addresses(const Context& context, dns::NameRef owner, dns::RrType qtype) {
  const bool v6 = qtype == dns::RrType::Aaaa;
  for_each_name_server(context, [&](dns::NameRef, const dns::IpAddress& address) {
    if (address.is_v6() == v6)
      context.answer.add_address(dns::Section::Answer, owner, context.cluster.ttl, address);
  });
  context.answer.drop_repeats();
}

}  // namespace fairlead::zones
