// The records of the zone itself: SOA, NS, and the name server's own name, ns.dns.
#include "zones/context.h"
#include "zones/soa.h"

namespace fairlead::zones {
namespace {

dns::NameRef default_name_server(const Context& context) {
  dns::Name name(context.zone);
  static_cast<void>(name.prepend("dns") && name.prepend("ns"));
  return context.answer.add_name(name.view());
}

// Calls `visit(name of the server, address)`: the services that select this server, by their
// cluster IPs or, headless, by their endpoints. A server that no service selects goes by ns.dns and
// its own addresses; so does every server of a zone that has no names for services of its cluster.
template <typename Visit>
void for_each_name_server(const Context& context, Visit&& visit) {
  bool selected = false;
  const auto default_name = [&] { return default_name_server(context); };
  const auto from_service = [&](const SliceRecord& own_slice) {
    selected = true;
    const ServiceName& id = *own_slice.service;
    const ServiceRecord* service = context.snapshot.service(id.namespace_name, id.name);
    if (service == nullptr) return;
    if (service->type == Service::Type::Headless) {
      for (size_t endpoint = 0; endpoint < own_slice.size(); ++endpoint) {
        visit(context.multicluster ? default_name()
                                   : add_endpoint_name(context, own_slice, endpoint, context.zone),
              own_slice.address(endpoint));
      }
    } else if (service->type == Service::Type::ClusterIp && !service->cluster_ips.empty()) {
      const dns::NameRef name =
          context.multicluster ? default_name() : add_service_name(context, id, context.zone);
      for (const dns::IpAddress& ip : service->cluster_ips) visit(name, ip);
    }
  };
  for_each_own_slice(context.cluster, context.snapshot, from_service);
  if (selected || context.cluster.local_addresses.empty()) return;
  const dns::NameRef name = default_name();
  for (const dns::IpAddress& local : context.cluster.local_addresses) visit(name, local);
}

}  // namespace

void add_soa(const Context& context, dns::Section section) {
  const ZoneSoa said = zone_soa(context.cluster, context.snapshot, section);
  dns::Answer::Soa soa;
  soa.mname = default_name_server(context);
  soa.rname = context.answer.add_name("hostmaster", context.zone);
  soa.serial = said.serial;
  soa.refresh = ZoneSoa::kRefresh;
  soa.retry = ZoneSoa::kRetry;
  soa.expire = ZoneSoa::kExpire;
  soa.minimum = said.minimum;
  context.answer.add_soa(section, context.answer.add_name(context.zone), said.ttl, soa);
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
