// The cluster at one moment, immutable: what every answer about a cluster name is made from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "dns/address.h"
#include "zones/endpoint_at.h"
#include "zones/hash.h"
#include "zones/outside.h"
#include "zones/pod_details.h"
#include "zones/pod_record.h"
#include "zones/records.h"
#include "zones/shared_table.h"
#include "zones/table_parts.h"

namespace fairlead::zones {

/// Read by any thread, changed by none. Names given are lower case. Pointers live as long as it.
class Snapshot {
 public:
  [[nodiscard]] const SharedTable<Ref<NamespaceName>>& namespaces() const { return namespaces_; }
  [[nodiscard]] const SharedTable<PodRecord>& pods() const { return pods_; }
  [[nodiscard]] bool has_namespace(std::string_view name) const {
    return has_namespace(name, hash_text(name, seed_));
  }
  /// `hash`, here and below, is that of zones/hash.h with seed().
  [[nodiscard]] bool has_namespace(std::string_view name, uint32_t hash) const;

  /// The service, or null when no Service object declares it.
  [[nodiscard]] const ServiceRecord* service(std::string_view namespace_name,
                                             std::string_view name) const {
    return service(namespace_name, name, hash_names(namespace_name, name, seed_));
  }
  [[nodiscard]] const ServiceRecord* service(std::string_view namespace_name, std::string_view name,
                                             uint32_t hash) const {
    return declared(services_, namespace_name, name, hash);
  }
  /// The same of the cluster set: null when no ServiceImport declares it.
  [[nodiscard]] const ServiceRecord* import(std::string_view namespace_name, std::string_view name,
                                            uint32_t hash) const {
    return declared(imports_, namespace_name, name, hash);
  }
  [[nodiscard]] const ServiceRecord* import(std::string_view namespace_name,
                                            std::string_view name) const {
    return import(namespace_name, name, hash_names(namespace_name, name, seed_));
  }

  /// Where a service is reached from outside; null when that is not known.
  [[nodiscard]] const OutsideRecord* outside(std::string_view namespace_name,
                                             std::string_view name) const;
  /// Calls `visit` for every service that is reached there from outside.
  void services_outside_at(const dns::IpAddress& address,
                           const std::function<void(const ServiceName&)>& visit) const;

  /// Calls `visit(const ServiceRecord&)` for every service whose cluster IP is `address`.
  template <typename Visit>
  void services_at(const dns::IpAddress& address, Visit&& visit) const;

  /// Calls `visit(const SliceRecord&, size_t endpoint)` for every published endpoint at
  /// `address`. Its slice may name a service that no object declares.
  template <typename Visit>
  void endpoints_at(const dns::IpAddress& address, Visit&& visit) const;

  /// That of the first pod with this address that was found; empty for none.
  [[nodiscard]] std::string_view pod_namespace(const dns::IpAddress& address) const;
  /// Name and labels of a pod with this address, in pod_namespace(); null when they are not known.
  [[nodiscard]] const PodDetails* pod(const dns::IpAddress& address) const;
  [[nodiscard]] bool has_pod(const dns::IpAddress& address, std::string_view namespace_name) const;

  /// Calls `visit(const ServiceRecord&)` for every service, declared or not, or with `imports` for
  /// those of the cluster set, in one of kParts parts of what there is.
  static constexpr size_t kParts = kTableParts;
  template <typename Visit>
  void services_in(size_t part, bool imports, Visit&& visit) const {
    visit_part(imports ? imports_ : services_, part,
               [&](uint32_t, const auto& record) { visit(*record); });
  }

  /// Drawn once for all snapshots of a store.
  [[nodiscard]] uint64_t seed() const { return seed_; }

  [[nodiscard]] size_t service_count() const { return services_.size(); }
  [[nodiscard]] size_t import_count() const { return imports_.size(); }
  [[nodiscard]] size_t outside_count() const { return outside_.size(); }
  /// Addresses of endpoints, but those of imports.
  [[nodiscard]] size_t endpoint_count() const { return endpoint_ips_.size(); }

  /// SOA serial: Unix time of the last change, 0 before the first, unless it was given another.
  [[nodiscard]] uint32_t serial() const { return serial_; }
  /// The same cluster with that serial.
  [[nodiscard]] std::shared_ptr<const Snapshot> with_serial(uint32_t serial) const;

  /// Every kind of object but imports has been listed once: what is not here does not exist.
  [[nodiscard]] bool synced() const { return synced_; }
  /// Imports have been listed, or it was found that there are none.
  [[nodiscard]] bool imports_synced() const { return imports_synced_; }

 private:
  friend class SnapshotWriter;
  friend class SnapshotChanges;
  template <typename Memory>
  friend class LookaheadIn;

  using Services = SharedTable<Ref<ServiceRecord>>;

  [[nodiscard]] const ServiceRecord* declared(const Services& table,
                                              std::string_view namespace_name,
                                              std::string_view name, uint32_t hash) const;

  SharedTable<Ref<NamespaceName>> namespaces_;
  Services services_;
  SharedTable<Ref<ServiceName>> service_ips_;  // by hash of a cluster IP
  SharedTable<EndpointAt> endpoint_ips_;       // by hash of an endpoint's address
  SharedTable<PodRecord> pods_;                // by hash of the pod's address
  SharedTable<PodDetailsAt> pod_details_;      // the same
  Services imports_;
  SharedTable<Ref<OutsideRecord>> outside_;
  SharedTable<Ref<ServiceName>> outside_ips_;  // by hash of an address of outside_
  uint64_t seed_ = 0;
  uint32_t serial_ = 0;
  bool synced_ = false;
  bool imports_synced_ = false;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

template <typename Visit>
void Snapshot::services_at(const dns::IpAddress& address, Visit&& visit) const {
  service_ips_.for_each(hash_address(address.octets(), seed_), [&](const Ref<ServiceName>& id) {
    const ServiceRecord* record = service(id->namespace_name, id->name);
    if (record != nullptr &&
        std::ranges::find(record->cluster_ips, address) != record->cluster_ips.end())
      visit(*record);
  });
}

template <typename Visit>
void Snapshot::endpoints_at(const dns::IpAddress& address, Visit&& visit) const {
  endpoint_ips_.for_each(hash_address(address.octets(), seed_), [&](const EndpointAt& at) {
    if (std::ranges::equal(at.slice->octets(at.number), address.octets()))
      visit(*at.slice, size_t{at.number});
  });
}

}  // namespace fairlead::zones
