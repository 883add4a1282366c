#include "zones/store.h"

#include <algorithm>
#include <array>
#include <random>
#include <unordered_map>
#include <utility>

#include "zones/hash.h"

namespace fairlead::zones {
namespace {

// "namespace/name", lower case: object names hold no '/'.
std::string index_key(const ObjectKey& key) { return lowered(key.namespace_name) + '/' + lowered(key.name); }

bool same_ports(const std::vector<PortRecord>& a, const std::vector<PortRecord>& b) {
  return std::ranges::equal(a, b, [](const PortRecord& x, const PortRecord& y) {
    return x.number == y.number && x.name == y.name && x.protocol == y.protocol;
  });
}

bool same_service(const ServiceRecord& a, const ServiceRecord& b) {
  return a.declared == b.declared && a.type == b.type && a.cluster_ips == b.cluster_ips &&
         a.external_name == b.external_name && same_ports(a.ports, b.ports);
}

bool same_slice(const Ref<SliceRecord>& a, const Ref<SliceRecord>& b) {
  return a->v6 == b->v6 && a->service->name == b->service->name &&
         a->service->namespace_name == b->service->namespace_name && a->labels == b->labels &&
         same_ports(a->ports, b->ports) &&
         std::ranges::equal(a->endpoints, b->endpoints, [](const EndpointRecord& x, const EndpointRecord& y) {
           return x.address == y.address && x.label_at == y.label_at;
         });
}

uint64_t random_seed() {
  std::random_device device;
  return static_cast<uint64_t>(device()) << 32 | device();
}

}  // namespace

const char* resource_name(Kind kind) {
  switch (kind) {
    case Kind::Namespace: return "namespaces";
    case Kind::Service: return "services";
    case Kind::EndpointSlice: return "endpointslices";
    case Kind::Pod: return "pods";
  }
  return "";
}

// What the writer must remember to undo an object, and the relist in which it was seen last.
struct Store::State {
  struct Seen {
    uint32_t relist = 0;
  };
  struct SeenSlice : Seen {
    std::vector<Ref<SliceRecord>> records;
  };
  struct SeenPod : Seen {
    std::optional<PodRecord> record;
  };

  StoreOptions options;
  Snapshot live;
  std::shared_ptr<const Snapshot> published;
  bool dirty = true;     // differs from `published`
  bool changed = false;  // an object changed since then
  std::array<uint32_t, kKinds> relist{};

  std::unordered_map<std::string, Seen> namespaces;
  std::unordered_map<std::string, Seen> services;
  std::unordered_map<std::string, SeenSlice> slices;
  std::unordered_map<std::string, SeenPod> pods;

  template <typename Map>
  static auto& see(Map& map, std::string key, uint32_t relist, bool& is_new) {
    auto [at, inserted] = map.try_emplace(std::move(key));
    is_new = inserted;
    at->second.relist = relist;
    return at->second;
  }

  uint32_t current(Kind kind) const { return relist[static_cast<size_t>(kind)]; }

  Change note(Change change) {
    if (change != Change::None) dirty = changed = true;
    return change;
  }

  // --- services ---

  const Ref<ServiceRecord>* find_service(std::string_view namespace_name, std::string_view name) const {
    return live.services_.find(hash_names(namespace_name, name, live.seed_), [&](const Ref<ServiceRecord>& record) {
      return record->id->name == name && record->id->namespace_name == namespace_name;
    });
  }

  Ref<ServiceName> service_id(const std::string& namespace_name, const std::string& name) const {
    if (const auto* known = find_service(namespace_name, name)) return (*known)->id;
    boost::intrusive_ptr<ServiceName> id(new ServiceName);
    id->namespace_name = namespace_name;
    id->name = name;
    return id;
  }

  // A copy of the service's record to be changed, or a new one.
  boost::intrusive_ptr<ServiceRecord> copy_service(const Ref<ServiceName>& id) const {
    if (const auto* known = find_service(id->namespace_name, id->name)) return new ServiceRecord(**known);
    boost::intrusive_ptr<ServiceRecord> record(new ServiceRecord);
    record->id = id;
    return record;
  }

  // Puts `record` in the place of the service's present one; a record that says nothing any more is taken out.
  void set_record(const boost::intrusive_ptr<ServiceRecord>& record) {
    const ServiceName& id = *record->id;
    const uint32_t hash = hash_names(id.namespace_name, id.name, live.seed_);
    const auto is_it = [&](const Ref<ServiceRecord>& other) {
      return other->id->name == id.name && other->id->namespace_name == id.namespace_name;
    };
    if (!record->declared && record->slices.empty()) {
      live.services_.erase(hash, is_it);
    } else if (!live.services_.replace(hash, is_it, record)) {
      live.services_.insert(hash, record);
    }
  }

  void index_cluster_ips(const ServiceRecord& record, bool add) {
    if (record.type != Service::Type::ClusterIp) return;
    for (const dns::IpAddress& ip : record.cluster_ips) {
      const uint32_t hash = hash_address(ip.octets(), live.seed_);
      if (add) {
        live.service_ips_.insert(hash, record.id);
      } else {
        live.service_ips_.erase(hash, [&](const Ref<ServiceName>& id) {
          return id->name == record.id->name && id->namespace_name == record.id->namespace_name;
        });
      }
    }
  }

  Change put_service(const Service& object) {
    bool is_new = false;
    see(services, index_key(object.key), current(Kind::Service), is_new);
    const auto id = service_id(lowered(object.key.namespace_name), lowered(object.key.name));
    const auto before = copy_service(id);
    boost::intrusive_ptr<ServiceRecord> after(new ServiceRecord(*before));
    set_service(*after, object);
    if (!is_new && same_service(*before, *after)) return Change::None;
    if (before->declared) index_cluster_ips(*before, false);
    index_cluster_ips(*after, true);
    set_record(after);
    return is_new ? Change::Added : Change::Updated;
  }

  void drop_service(const std::string& namespace_name, const std::string& name) {
    const auto record = copy_service(service_id(namespace_name, name));
    index_cluster_ips(*record, false);
    Service nothing;
    set_service(*record, nothing);
    record->declared = false;
    set_record(record);
  }

  // --- endpoint slices ---

  void index_endpoints(const Ref<SliceRecord>& slice, bool add) {
    for (const EndpointRecord& endpoint : slice->endpoints) {
      const uint32_t hash = hash_address(slice->address(endpoint).octets(), live.seed_);
      if (add) {
        live.endpoint_ips_.insert(hash, slice);
      } else {
        live.endpoint_ips_.erase(hash, [&](const Ref<SliceRecord>& other) { return other == slice; });
      }
    }
  }

  // Takes `gone` out of the service that they belong to and puts `come` in; both of one service.
  void change_slices(const Ref<ServiceName>& id, const std::vector<Ref<SliceRecord>>& gone,
                     const std::vector<Ref<SliceRecord>>& come) {
    const auto record = copy_service(id);
    std::erase_if(record->slices, [&](const auto& slice) { return std::ranges::find(gone, slice) != gone.end(); });
    record->slices.insert(record->slices.end(), come.begin(), come.end());
    record->slices.shrink_to_fit();
    for (const auto& slice : gone) index_endpoints(slice, false);
    for (const auto& slice : come) index_endpoints(slice, true);
    set_record(record);
  }

  Change put_slice(const EndpointSlice& object) {
    bool is_new = false;
    SeenSlice& seen = see(slices, index_key(object.key), current(Kind::EndpointSlice), is_new);
    std::vector<Ref<SliceRecord>> records;
    if (!object.service_name.empty()) {
      const auto id = service_id(lowered(object.key.namespace_name), lowered(object.service_name));
      records = make_slices(object, id, options.endpoint_pod_names);
    }
    if (!is_new && std::ranges::equal(seen.records, records, same_slice)) return Change::None;
    replace_slices(seen, std::move(records));
    return is_new ? Change::Added : Change::Updated;
  }

  void replace_slices(SeenSlice& seen, std::vector<Ref<SliceRecord>> records) {
    const std::vector<Ref<SliceRecord>> gone = std::exchange(seen.records, std::move(records));
    const auto& come = seen.records;
    const bool moved = !gone.empty() && !come.empty() && (gone[0]->service->name != come[0]->service->name);
    if (moved) {
      change_slices(gone[0]->service, gone, {});
      change_slices(come[0]->service, {}, come);
    } else if (!gone.empty() || !come.empty()) {
      change_slices(come.empty() ? gone[0]->service : come[0]->service, gone, come);
    }
  }

  // --- namespaces and pods ---

  Ref<NamespaceName> namespace_name(const std::string& name) const {
    const auto* known = live.namespaces_.find(hash_text(name, live.seed_),
                                              [&](const Ref<NamespaceName>& entry) { return entry->name == name; });
    if (known != nullptr) return *known;
    boost::intrusive_ptr<NamespaceName> entry(new NamespaceName);
    entry->name = name;
    return entry;
  }

  Change put_namespace(const Namespace& object) {
    bool is_new = false;
    see(namespaces, index_key({"", object.name}), current(Kind::Namespace), is_new);
    if (!is_new) return Change::None;
    const std::string name = lowered(object.name);
    live.namespaces_.insert(hash_text(name, live.seed_), namespace_name(name));
    return Change::Added;
  }

  void index_pod(const PodRecord& pod, bool add) {
    const uint32_t hash = hash_address(pod.address.octets(), live.seed_);
    if (add) {
      live.pods_.insert(hash, pod);
    } else {
      live.pods_.erase(hash, [&](const PodRecord& other) {
        return other.address == pod.address && other.in->name == pod.in->name;
      });
    }
  }

  Change put_pod(const Pod& object) {
    bool is_new = false;
    SeenPod& seen = see(pods, index_key(object.key), current(Kind::Pod), is_new);
    if (!is_new && object.ip && seen.record && seen.record->address == *object.ip) return Change::None;
    if (!is_new && !object.ip && !seen.record) return Change::None;
    if (seen.record) index_pod(*seen.record, false);
    seen.record.reset();
    if (object.ip) seen.record = PodRecord{*object.ip, namespace_name(lowered(object.key.namespace_name))};
    if (seen.record) index_pod(*seen.record, true);
    return is_new ? Change::Added : Change::Updated;
  }

  // --- removal ---

  // Undoes the object behind `key`; the caller takes it out of its index.
  void undo(Kind kind, const std::string& key) {
    const size_t slash = key.find('/');
    const std::string name = key.substr(slash + 1);
    switch (kind) {
      case Kind::Namespace:
        live.namespaces_.erase(hash_text(name, live.seed_), [&](const auto& entry) { return entry->name == name; });
        break;
      case Kind::Service:
        drop_service(key.substr(0, slash), name);
        break;
      case Kind::EndpointSlice:
        replace_slices(slices.at(key), {});
        break;
      case Kind::Pod:
        if (const auto& record = pods.at(key).record) index_pod(*record, false);
        break;
    }
  }

  template <typename Map>
  size_t erase_from(Map& map, Kind kind, const std::string& key) {
    const auto at = map.find(key);
    if (at == map.end()) return 0;
    undo(kind, key);
    map.erase(at);
    return 1;
  }

  template <typename Map>
  size_t erase_unseen(Map& map, Kind kind) {
    size_t removed = 0;
    for (auto at = map.begin(); at != map.end();) {
      if (at->second.relist == current(kind)) {
        ++at;
        continue;
      }
      undo(kind, at->first);
      at = map.erase(at);
      ++removed;
    }
    return removed;
  }

  // Calls `action(map of that kind)`.
  template <typename Action>
  auto with_index(Kind kind, Action&& action) {
    switch (kind) {
      case Kind::Namespace: return action(namespaces);
      case Kind::Service: return action(services);
      case Kind::EndpointSlice: return action(slices);
      case Kind::Pod: break;
    }
    return action(pods);
  }
};

Store::Store(StoreOptions options) : state_(std::make_unique<State>()) {
  state_->options = options;
  state_->live.seed_ = random_seed();
}

Store::~Store() = default;

Change Store::put(const Namespace& object) { return state_->note(state_->put_namespace(object)); }
Change Store::put(const Service& object) { return state_->note(state_->put_service(object)); }
Change Store::put(const EndpointSlice& object) { return state_->note(state_->put_slice(object)); }
Change Store::put(const Pod& object) { return state_->note(state_->put_pod(object)); }

Change Store::erase(Kind kind, const ObjectKey& key) {
  const std::string index = index_key(key);
  const size_t removed =
      state_->with_index(kind, [&](auto& map) { return state_->erase_from(map, kind, index); });
  return state_->note(removed == 0 ? Change::None : Change::Removed);
}

void Store::begin_relist(Kind kind) { ++state_->relist[static_cast<size_t>(kind)]; }

size_t Store::end_relist(Kind kind) {
  const size_t removed = state_->with_index(kind, [&](auto& map) { return state_->erase_unseen(map, kind); });
  state_->note(removed == 0 ? Change::None : Change::Removed);
  return removed;
}

void Store::set_synced() {
  state_->dirty = state_->dirty || !state_->live.synced_;
  state_->live.synced_ = true;
}

bool Store::synced() const { return state_->live.synced_; }

bool Store::dirty() const { return state_->dirty; }

std::shared_ptr<const Snapshot> Store::freeze(uint32_t now_unix_seconds) {
  if (!state_->dirty) return state_->published;
  if (state_->changed) state_->live.serial_ = now_unix_seconds;
  state_->published = std::make_shared<const Snapshot>(state_->live);
  state_->dirty = state_->changed = false;
  return state_->published;
}

size_t Store::size(Kind kind) const {
  return state_->with_index(kind, [](auto& map) { return map.size(); });
}

}  // namespace fairlead::zones
