#include "zones/snapshot.h"

namespace fairlead::zones {

bool Snapshot::has_namespace(std::string_view name, uint32_t hash) const {
  return namespaces_.find(hash, [&](const auto& entry) { return entry->name == name; }) != nullptr;
}

const ServiceRecord* Snapshot::declared(const Services& table, std::string_view namespace_name,
                                        std::string_view name, uint32_t hash) const {
  const auto* found = table.find(hash, [&](const Ref<ServiceRecord>& entry) {
    return entry->id->name == name && entry->id->namespace_name == namespace_name;
  });
  return found != nullptr && (*found)->declared ? found->get() : nullptr;
}

const OutsideRecord* Snapshot::outside(std::string_view namespace_name,
                                       std::string_view name) const {
  const auto* found =
      outside_.find(hash_names(namespace_name, name, seed_), [&](const auto& entry) {
        return entry->id->name == name && entry->id->namespace_name == namespace_name;
      });
  return found != nullptr ? found->get() : nullptr;
}

void Snapshot::services_outside_at(const dns::IpAddress& address,
                                   const std::function<void(const ServiceName&)>& visit) const {
  outside_ips_.for_each(hash_address(address.octets(), seed_), [&](const Ref<ServiceName>& id) {
    const OutsideRecord* record = outside(id->namespace_name, id->name);
    if (record != nullptr &&
        std::ranges::find(record->addresses, address) != record->addresses.end())
      visit(*id);
  });
}

bool Snapshot::has_pod(const dns::IpAddress& address, std::string_view namespace_name) const {
  const PodAddress wanted(address);
  return pods_.find(hash_address(address.octets(), seed_), [&](const PodRecord& pod) {
    return pod.address == wanted && pod.in->name == namespace_name;
  }) != nullptr;
}

std::string_view Snapshot::pod_namespace(const dns::IpAddress& address) const {
  const PodAddress wanted(address);
  const PodRecord* const pod =
      pods_.find(hash_address(address.octets(), seed_),
                 [&](const PodRecord& record) { return record.address == wanted; });
  return pod != nullptr ? std::string_view(pod->in->name) : std::string_view();
}

const PodDetails* Snapshot::pod(const dns::IpAddress& address) const {
  const std::string_view in = pod_namespace(address);
  const PodDetailsAt* const at =
      pod_details_.find(hash_address(address.octets(), seed_), [&](const PodDetailsAt& entry) {
        return entry.address == address && entry.pod->namespace_name == in;
      });
  return at != nullptr ? at->pod.get() : nullptr;
}

std::shared_ptr<const Snapshot> Snapshot::with_serial(uint32_t serial) const {
  const auto copy = std::make_shared<Snapshot>(*this);
  copy->serial_ = serial;
  return copy;
}

}  // namespace fairlead::zones
