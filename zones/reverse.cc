// PTR: the names of an address.
#include <string_view>

#include "zones/context.h"

namespace fairlead::zones {
namespace {

bool before(const ServiceName& a, const ServiceName& b) {
  const int order = a.namespace_name.compare(b.namespace_name);
  return order != 0 ? order < 0 : a.name < b.name;
}

}  // namespace

void add_pointers(const Context& context, const dns::IpAddress& address) {
  const ClusterZone& cluster = context.cluster;
  const auto exposed = [&](const ServiceName& id) {
    return cluster.exposes_pointers(context.snapshot, id.namespace_name);
  };
  const dns::NameView primary = cluster.zones[cluster.primary].view();
  const auto add = [&](dns::NameRef target) {
    context.answer.add_name_record(dns::RrType::Ptr, dns::Section::Answer, dns::kQname, cluster.ttl,
                                   target);
  };

  // A cluster IP has one name. Should two services claim it, the choice must not change from query
  // to query.
  const ServiceName* chosen = nullptr;
  context.snapshot.services_at(address, [&](const ServiceRecord& service) {
    if (exposed(*service.id) && (chosen == nullptr || before(*service.id, *chosen)))
      chosen = service.id.get();
  });
  if (chosen != nullptr) {
    add(add_service_name(context, *chosen, primary));
    return;
  }
  context.snapshot.endpoints_at(address, [&](const SliceRecord& slice, size_t endpoint) {
    if (exposed(*slice.service)) add(add_endpoint_name(context, slice, endpoint, primary));
  });
  context.answer.drop_repeats();
}

}  // namespace fairlead::zones
