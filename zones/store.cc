#include "zones/store.h"

#include <algorithm>
#include <array>
#include <random>
#include <unordered_map>
#include <utility>

#include "zones/snapshot_writer.h"

namespace fairlead::zones {
namespace {

// "namespace/name", lower case: object names hold no '/'.
std::string index_key(const ObjectKey& key) {
  return lowered(key.namespace_name) + '/' + lowered(key.name);
}

bool same_slice(const Ref<SliceRecord>& a, const Ref<SliceRecord>& b) {
  return a->v6 == b->v6 && a->service->name == b->service->name &&
         a->service->namespace_name == b->service->namespace_name && a->labels == b->labels &&
         a->ports == b->ports &&
         std::ranges::equal(a->endpoints, b->endpoints,
                            [](const EndpointRecord& x, const EndpointRecord& y) {
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
    case Kind::Namespace:
      return "namespaces";
    case Kind::Service:
      return "services";
    case Kind::EndpointSlice:
      return "endpointslices";
    case Kind::Pod:
      return "pods";
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
    std::vector<PodRecord> records;
  };

  StoreOptions options;
  SnapshotWriter writer{random_seed()};
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

  Change put_service(const Service& object) {
    bool is_new = false;
    see(services, index_key(object.key), current(Kind::Service), is_new);
    const bool differs = writer.set_service(object);
    if (is_new) return Change::Added;
    return differs ? Change::Updated : Change::None;
  }

  Change put_slice(const EndpointSlice& object) {
    bool is_new = false;
    SeenSlice& seen = see(slices, index_key(object.key), current(Kind::EndpointSlice), is_new);
    std::vector<Ref<SliceRecord>> records;
    if (!object.service_name.empty()) {
      const auto id =
          writer.service_id(lowered(object.key.namespace_name), lowered(object.service_name));
      records = make_slices(object, id, options.endpoint_pod_names);
    }
    if (!is_new && std::ranges::equal(seen.records, records, same_slice)) return Change::None;
    replace_slices(seen, std::move(records));
    return is_new ? Change::Added : Change::Updated;
  }

  void replace_slices(SeenSlice& seen, std::vector<Ref<SliceRecord>> records) {
    const std::vector<Ref<SliceRecord>> gone = std::exchange(seen.records, std::move(records));
    const auto& come = seen.records;
    const bool moved =
        !gone.empty() && !come.empty() && (gone[0]->service->name != come[0]->service->name);
    if (moved) {
      writer.change_slices(gone[0]->service, gone, {});
      writer.change_slices(come[0]->service, {}, come);
    } else if (!gone.empty() || !come.empty()) {
      writer.change_slices(come.empty() ? gone[0]->service : come[0]->service, gone, come);
    }
  }

  Change put_namespace(const Namespace& object) {
    bool is_new = false;
    see(namespaces, index_key({"", object.name}), current(Kind::Namespace), is_new);
    if (!is_new) return Change::None;
    writer.add_namespace(lowered(object.name));
    return Change::Added;
  }

  Change put_pod(const Pod& object) {
    bool is_new = false;
    SeenPod& seen = see(pods, index_key(object.key), current(Kind::Pod), is_new);
    if (!is_new && std::ranges::equal(seen.records, object.ips, {}, &PodRecord::address)) {
      return Change::None;
    }
    const auto in = writer.namespace_name(lowered(object.key.namespace_name));
    for (const PodRecord& record : seen.records) writer.drop_pod(record);
    seen.records.clear();
    for (const dns::IpAddress& ip : object.ips) seen.records.push_back({ip, in});
    for (const PodRecord& record : seen.records) writer.add_pod(record);
    return is_new ? Change::Added : Change::Updated;
  }

  // Undoes the object behind `key`; the caller takes it out of its index.
  void undo(Kind kind, const std::string& key) {
    const size_t slash = key.find('/');
    const std::string name = key.substr(slash + 1);
    switch (kind) {
      case Kind::Namespace:
        writer.drop_namespace(name);
        break;
      case Kind::Service:
        writer.drop_service(key.substr(0, slash), name);
        break;
      case Kind::EndpointSlice:
        replace_slices(slices.at(key), {});
        break;
      case Kind::Pod:
        for (const PodRecord& record : pods.at(key).records) writer.drop_pod(record);
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
      case Kind::Namespace:
        return action(namespaces);
      case Kind::Service:
        return action(services);
      case Kind::EndpointSlice:
        return action(slices);
      case Kind::Pod:
        break;
    }
    return action(pods);
  }
};

Store::Store(StoreOptions options) : state_(std::make_unique<State>()) {
  state_->options = options;
}

Store::~Store() = default;

Change Store::put(const Namespace& object) {
  return state_->note(state_->put_namespace(object));
}
Change Store::put(const Service& object) {
  return state_->note(state_->put_service(object));
}
Change Store::put(const EndpointSlice& object) {
  return state_->note(state_->put_slice(object));
}
Change Store::put(const Pod& object) {
  return state_->note(state_->put_pod(object));
}

Change Store::erase(Kind kind, const ObjectKey& key) {
  const std::string index = index_key(key);
  const size_t removed =
      state_->with_index(kind, [&](auto& map) { return state_->erase_from(map, kind, index); });
  return state_->note(removed == 0 ? Change::None : Change::Removed);
}

void Store::begin_relist(Kind kind) {
  ++state_->relist[static_cast<size_t>(kind)];
}

size_t Store::end_relist(Kind kind) {
  const size_t removed =
      state_->with_index(kind, [&](auto& map) { return state_->erase_unseen(map, kind); });
  state_->note(removed == 0 ? Change::None : Change::Removed);
  return removed;
}

void Store::set_synced() {
  state_->dirty = state_->dirty || !state_->writer.live().synced();
  state_->writer.set_synced();
}

bool Store::synced() const {
  return state_->writer.live().synced();
}

bool Store::dirty() const {
  return state_->dirty;
}

std::shared_ptr<const Snapshot> Store::freeze(uint32_t now_unix_seconds) {
  if (!state_->dirty) return state_->published;
  if (state_->changed) state_->writer.set_serial(now_unix_seconds);
  state_->published = std::make_shared<const Snapshot>(state_->writer.live());
  state_->dirty = state_->changed = false;
  return state_->published;
}

size_t Store::size(Kind kind) const {
  return state_->with_index(kind, [](auto& map) { return map.size(); });
}

}  // namespace fairlead::zones
