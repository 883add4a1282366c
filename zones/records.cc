#include "zones/records.h"

#include <algorithm>

#include "dns/address.h"
#include "dns/name.h"
#include "zones/hash.h"

namespace fairlead::zones {

std::string_view SliceRecord::label(size_t endpoint, char* buffer) const {
  if (spells_address(endpoint)) return {buffer, dns::address_label(address(endpoint), buffer)};
  const char* at = labels.data() + labels_of[endpoint].at;
  return {at + 1, static_cast<uint8_t>(*at)};
}

uint32_t label_hash(std::string_view label) {
  return hash_text(label, 0);
}

bool ServiceRecord::has_endpoints() const {
  return std::ranges::any_of(
      slices, [](const auto& slice) { return !slice->addresses.empty() || !slice->names.empty(); });
}

void set_service(ServiceRecord& record, const Service& object, PortLists& lists) {
  record.declared = true;
  record.type = object.type;
  record.cluster_ips.clear();
  for (const dns::IpAddress& ip : object.cluster_ips) {
    if (std::ranges::find(record.cluster_ips, ip) == record.cluster_ips.end())
      record.cluster_ips.push_back(ip);
  }
  record.external_name.clear();
  if (object.type == Service::Type::ExternalName) {
    if (const auto address = dns::IpAddress::from_text(object.external_name)) {
      record.cluster_ips.push_back(*address);  // an address is answered as one
    } else if (const auto name = dns::Name::from_text(object.external_name)) {
      record.external_name.assign(name->view().begin(), name->view().end());
    }
  }
  record.ports = lists.of(object.ports);
}

bool same_slice(const Ref<SliceRecord>& a, const Ref<SliceRecord>& b) {
  return a->v6 == b->v6 && a->group == b->group && a->service->name == b->service->name &&
         a->service->namespace_name == b->service->namespace_name && a->labels == b->labels &&
         a->ports == b->ports && a->names == b->names && a->addresses == b->addresses &&
         a->labels_of == b->labels_of;
}

}  // namespace fairlead::zones
