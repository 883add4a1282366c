#include "zones/snapshot_writer.h"

#include <algorithm>

#include "dns/name.h"
#include "zones/hash.h"

namespace fairlead::zones {
namespace {

bool same_service(const ServiceRecord& a, const ServiceRecord& b) {
  return a.declared == b.declared && a.type == b.type && a.cluster_ips == b.cluster_ips &&
         a.external_name == b.external_name && a.ports == b.ports;
}

bool same_name(const ServiceName& a, const ServiceName& b) {
  return a.name == b.name && a.namespace_name == b.namespace_name;
}

}  // namespace

const Ref<ServiceRecord>* SnapshotWriter::find_service(std::string_view namespace_name,
                                                       std::string_view name, bool imported) const {
  const Snapshot::Services& services = imported ? live_.imports_ : live_.services_;
  return services.find(
      hash_names(namespace_name, name, live_.seed_), [&](const Ref<ServiceRecord>& record) {
        return record->id->name == name && record->id->namespace_name == namespace_name;
      });
}

Ref<ServiceName> SnapshotWriter::service_id(const std::string& namespace_name,
                                            const std::string& name, bool imported) const {
  if (const auto* known = find_service(namespace_name, name, imported)) return (*known)->id;
  boost::intrusive_ptr<ServiceName> id(new ServiceName);
  id->namespace_name = namespace_name;
  id->name = name;
  return id;
}

// A copy of the service's record to be changed, or a new one.
boost::intrusive_ptr<ServiceRecord> SnapshotWriter::copy_service(const Ref<ServiceName>& id,
                                                                 bool imported) const {
  if (const auto* known = find_service(id->namespace_name, id->name, imported)) {
    return new ServiceRecord(**known);
  }
  boost::intrusive_ptr<ServiceRecord> record(new ServiceRecord);
  record->id = id;
  return record;
}

// Puts `record` in the place of the present one; a record that says nothing any more is taken out.
void SnapshotWriter::set_record(const boost::intrusive_ptr<ServiceRecord>& record, bool imported) {
  const ServiceName& id = *record->id;
  const uint32_t hash = hash_names(id.namespace_name, id.name, live_.seed_);
  const auto is_it = [&](const Ref<ServiceRecord>& other) { return same_name(*other->id, id); };
  Snapshot::Services& services = table(imported);
  if (!record->declared && record->slices.empty()) {
    services.erase(hash, is_it);
  } else if (auto* const present = services.change(hash, is_it)) {
    *present = record;
  } else {
    services.insert(hash, record);
  }
}

void SnapshotWriter::index_cluster_ips(const ServiceRecord& record, bool add) {
  if (record.type != Service::Type::ClusterIp) return;
  for (const dns::IpAddress& ip : record.cluster_ips) {
    const uint32_t hash = hash_address(ip.octets(), live_.seed_);
    if (add) {
      live_.service_ips_.insert(hash, record.id);
    } else {
      live_.service_ips_.erase(
          hash, [&](const Ref<ServiceName>& id) { return same_name(*id, *record.id); });
    }
  }
}

bool SnapshotWriter::set_service(const Service& object) {
  const auto id =
      service_id(dns::lowered(object.key.namespace_name), dns::lowered(object.key.name), false);
  const bool moved = set_outside(id, object);
  const auto before = copy_service(id, false);
  boost::intrusive_ptr<ServiceRecord> after(new ServiceRecord(*before));
  zones::set_service(*after, object, port_lists_);
  if (same_service(*before, *after)) return moved;
  if (before->type != after->type || before->cluster_ips != after->cluster_ips) {
    index_cluster_ips(*before, false);
    index_cluster_ips(*after, true);
  }
  set_record(after, false);
  return true;
}

// Addresses of imports have no names: nobody knows which cluster set they are asked for.
bool SnapshotWriter::set_import(const ServiceImport& object) {
  const ObjectKey& key = object.service.key;
  const auto before = copy_service(
      service_id(dns::lowered(key.namespace_name), dns::lowered(key.name), true), true);
  boost::intrusive_ptr<ServiceRecord> after(new ServiceRecord(*before));
  zones::set_service(*after, object.service, port_lists_);
  if (same_service(*before, *after)) return false;
  set_record(after, true);
  return true;
}

void SnapshotWriter::drop_service(const std::string& namespace_name, const std::string& name,
                                  bool imported) {
  const auto record = copy_service(service_id(namespace_name, name, imported), imported);
  if (!imported) {
    index_cluster_ips(*record, false);
    set_outside(record->id, Service{});
  }
  zones::set_service(*record, Service{}, port_lists_);
  record->declared = false;
  set_record(record, imported);
}

void SnapshotWriter::index_outside(const OutsideRecord* record, bool add) {
  if (record == nullptr) return;
  for (const dns::IpAddress& ip : record->addresses) {
    const uint32_t hash = hash_address(ip.octets(), live_.seed_);
    if (add) {
      live_.outside_ips_.insert(hash, record->id);
    } else {
      live_.outside_ips_.erase(
          hash, [&](const Ref<ServiceName>& id) { return same_name(*id, *record->id); });
    }
  }
}

// False when nothing changed.
bool SnapshotWriter::set_outside(const Ref<ServiceName>& id, const Service& object) {
  const bool says = !object.outside_ips.empty() || !object.outside_names.empty();
  if (!says && live_.outside_.size() == 0) return false;  // nobody wants to know
  const Ref<OutsideRecord> before(live_.outside(id->namespace_name, id->name));
  const Ref<OutsideRecord> after = make_outside(object, id);
  if (before && after ? same_outside(*before, *after) : before == after) return false;
  index_outside(before.get(), false);
  index_outside(after.get(), true);
  const uint32_t hash = hash_names(id->namespace_name, id->name, live_.seed_);
  const auto is_it = [&](const Ref<OutsideRecord>& other) { return same_name(*other->id, *id); };
  if (!after) {
    live_.outside_.erase(hash, is_it);
  } else if (auto* const present = live_.outside_.change(hash, is_it)) {
    *present = after;
  } else {
    live_.outside_.insert(hash, after);
  }
  return true;
}

void SnapshotWriter::index_endpoints(const SliceRecord& slice, bool add) {
  for (uint32_t i = 0; i < slice.size(); ++i) {
    const uint32_t hash = hash_address(slice.octets(i), live_.seed_);
    if (add) {
      live_.endpoint_ips_.insert(hash, {&slice, i});
    } else {
      live_.endpoint_ips_.erase(hash, [&](const EndpointAt& at) { return at.slice == &slice; });
    }
  }
}

// At every moment, also when memory runs out half way, the index refers only to slices that the
// service's record keeps alive.
void SnapshotWriter::change_slices(const Ref<ServiceName>& id,
                                   const std::vector<Ref<SliceRecord>>& gone,
                                   const std::vector<Ref<SliceRecord>>& come) {
  const bool imported = (gone.empty() ? come : gone).front()->is_imported();
  const auto record = copy_service(id, imported);
  const auto is_gone = [&](const auto& slice) {
    return std::ranges::find(gone, slice) != gone.end();
  };
  SliceRecords& slices = record->slices;
  slices.erase(std::remove_if(slices.begin(), slices.end(), is_gone), slices.end());
  slices.insert(slices.end(), come.begin(), come.end());
  slices.shrink_to_fit();
  record->named =
      std::ranges::any_of(record->slices, [](const auto& slice) { return !slice->names.empty(); });
  if (imported) return set_record(record, true);
  for (const auto& slice : gone) index_endpoints(*slice, false);
  set_record(record, false);
  for (const auto& slice : come) index_endpoints(*slice, true);
}

Ref<NamespaceName> SnapshotWriter::namespace_name(const std::string& name) const {
  const auto* known =
      live_.namespaces_.find(hash_text(name, live_.seed_),
                             [&](const Ref<NamespaceName>& entry) { return entry->name == name; });
  if (known != nullptr) return *known;
  boost::intrusive_ptr<NamespaceName> entry(new NamespaceName);
  entry->name = name;
  return entry;
}

void SnapshotWriter::add_namespace(const std::string& name) {
  live_.namespaces_.insert(hash_text(name, live_.seed_), namespace_name(name));
}

void SnapshotWriter::drop_namespace(const std::string& name) {
  live_.namespaces_.erase(hash_text(name, live_.seed_),
                          [&](const Ref<NamespaceName>& entry) { return entry->name == name; });
}

void SnapshotWriter::add_pod(const PodRecord& pod) {
  live_.pods_.insert(hash_address(pod.address.ip().octets(), live_.seed_), pod);
}

void SnapshotWriter::drop_pod(const PodRecord& pod) {
  const dns::IpAddress ip = pod.address.ip();
  live_.pods_.erase(hash_address(ip.octets(), live_.seed_), [&](const PodRecord& other) {
    return other.address == pod.address && other.in->name == pod.in->name;
  });
}

void SnapshotWriter::add_pod_details(const PodDetailsAt& details) {
  live_.pod_details_.insert(hash_address(details.address.octets(), live_.seed_), details);
}

void SnapshotWriter::drop_pod_details(const PodDetailsAt& details) {
  live_.pod_details_.erase(hash_address(details.address.octets(), live_.seed_),
                           [&](const PodDetailsAt& other) {
                             return other.address == details.address && other.pod == details.pod;
                           });
}

}  // namespace fairlead::zones
