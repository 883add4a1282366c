// The tables of the snapshot that is being written: what each object adds to them and takes out
// again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "zones/objects.h"
#include "zones/records.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// Used by the store's thread only. Names are lower case. Every change costs its own size; copies
/// of live() that were taken before keep what they had.
class SnapshotWriter {
 public:
  /// `seed`: of the tables' hashes.
  explicit SnapshotWriter(uint64_t seed) { live_.seed_ = seed; }

  [[nodiscard]] const Snapshot& live() const { return live_; }
  void set_serial(uint32_t serial) { live_.serial_ = serial; }
  void set_synced() { live_.synced_ = true; }
  void set_imports_synced() { live_.imports_synced_ = true; }

  /// The identity of a service, shared with its record when there is one.
  [[nodiscard]] Ref<ServiceName> service_id(const std::string& namespace_name,
                                            const std::string& name, bool imported) const;

  /// As all that have such ports keep them.
  PortRecords ports(const std::vector<Port>& ports) { return port_lists_.of(ports); }

  /// Declares a service, or changes it. False when nothing changed.
  bool set_service(const Service& object);
  bool set_import(const ServiceImport& object);

  /// The service is declared no more; its slices stay.
  void drop_service(const std::string& namespace_name, const std::string& name, bool imported);

  /// Takes `gone` out of the service that they belong to and puts `come` in, in one step. All are
  /// imported, or none.
  void change_slices(const Ref<ServiceName>& id, const std::vector<Ref<SliceRecord>>& gone,
                     const std::vector<Ref<SliceRecord>>& come);

  void add_namespace(const std::string& name);
  void drop_namespace(const std::string& name);

  /// The name as an entry that namespaces and pods share.
  [[nodiscard]] Ref<NamespaceName> namespace_name(const std::string& name) const;

  void add_pod(const PodRecord& pod);
  void drop_pod(const PodRecord& pod);
  void add_pod_details(const PodDetailsAt& details);
  void drop_pod_details(const PodDetailsAt& details);

 private:
  [[nodiscard]] Snapshot::Services& table(bool imported) {
    return imported ? live_.imports_ : live_.services_;
  }
  [[nodiscard]] const Ref<ServiceRecord>* find_service(std::string_view namespace_name,
                                                       std::string_view name, bool imported) const;
  [[nodiscard]] boost::intrusive_ptr<ServiceRecord> copy_service(const Ref<ServiceName>& id,
                                                                 bool imported) const;
  void set_record(const boost::intrusive_ptr<ServiceRecord>& record, bool imported);
  bool set_outside(const Ref<ServiceName>& id, const Service& object);
  void index_outside(const OutsideRecord* record, bool add);
  void index_cluster_ips(const ServiceRecord& record, bool add);
  void index_endpoints(const SliceRecord& slice, bool add);

  Snapshot live_;
  PortLists port_lists_;
};

}  // namespace fairlead::zones
