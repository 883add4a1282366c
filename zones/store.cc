#include "zones/store.h"

#include <algorithm>
#include <array>
#include <span>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "dns/name.h"
#include "dns/siphash.h"
#include "net/random.h"
#include "zones/digest.h"
#include "zones/pod_store.h"
#include "zones/snapshot_writer.h"

namespace fairlead::zones {
namespace {

// "namespace/name", lower case: object names hold no '/'.
std::string index_key(const ObjectKey& key) {
  return dns::lowered(key.namespace_name) + '/' + dns::lowered(key.name);
}

template <typename T>
concept Index = requires {
  typename T::key_type;
};

dns::HashKey random_key() {
  net::Random random;
  return {random.u64(), random.u64()};
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
    case Kind::ServiceImport:
      return "serviceimports";
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

  StoreOptions options;
  SnapshotWriter writer{net::Random().u64()};
  std::shared_ptr<const Snapshot> published;
  bool dirty = true;     // differs from `published`
  bool changed = false;  // an object changed since then
  std::array<uint32_t, kKinds> relist{};

  std::unordered_map<std::string, Seen> namespaces;
  std::unordered_map<std::string, Seen> services;
  std::unordered_map<std::string, Seen> imports;
  std::unordered_map<Digest, SeenSlice, DigestHash> slices;
  PodStore pods{writer};
  const dns::HashKey low_key = random_key(), high_key = random_key();

  Digest digest(const ObjectKey& key) const {
    const std::string text = index_key(key);
    const std::span octets(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    return {dns::siphash(low_key, octets), dns::siphash(high_key, octets)};
  }

  template <typename Map>
  static auto& see(Map& map, typename Map::key_type key, uint32_t relist, bool& is_new) {
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

  Change put_import(const ServiceImport& object) {
    bool is_new = false;
    see(imports, index_key(object.service.key), current(Kind::ServiceImport), is_new);
    const bool differs = writer.set_import(object);
    if (is_new) return Change::Added;
    return differs ? Change::Updated : Change::None;
  }

  void add_records(const EndpointSlice& object, const std::string& of, bool imported,
                   std::vector<Ref<SliceRecord>>& out) const {
    if (of.empty()) return;
    const SliceOwner owner{
        writer.service_id(dns::lowered(object.key.namespace_name), dns::lowered(of), imported),
        imported};
    std::ranges::move(make_slices(object, owner, options.endpoint_pod_names),
                      std::back_inserter(out));
  }

  Change put_slice(const EndpointSlice& object) {
    bool is_new = false;
    SeenSlice& seen = see(slices, digest(object.key), current(Kind::EndpointSlice), is_new);
    std::vector<Ref<SliceRecord>> records;
    add_records(object, object.service_name, false, records);
    add_records(object, object.import_name, true, records);
    if (!is_new && std::ranges::equal(seen.records, records, same_slice)) return Change::None;
    replace_slices(seen, std::move(records));
    return is_new ? Change::Added : Change::Updated;
  }

  // What is as before stays the same record: nothing is to be done for it.
  void replace_slices(SeenSlice& seen, std::vector<Ref<SliceRecord>> come) {
    std::vector<Ref<SliceRecord>> gone = std::exchange(seen.records, come);
    for (Ref<SliceRecord>& record : seen.records) {
      const auto same =
          std::ranges::find_if(gone, [&](const auto& other) { return same_slice(other, record); });
      if (same == gone.end()) continue;
      std::erase(come, record);
      record = std::move(*same);
      gone.erase(same);
    }
    for (const bool imported : {false, true}) change_slices(imported, gone, come);
  }

  // Of the service that is imported, or of the one that is not.
  void change_slices(bool imported, std::vector<Ref<SliceRecord>> gone,
                     std::vector<Ref<SliceRecord>> come) {
    const auto other = [&](const auto& slice) { return slice->is_imported() != imported; };
    std::erase_if(gone, other);
    std::erase_if(come, other);
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
    writer.add_namespace(dns::lowered(object.name));
    return Change::Added;
  }

  // Undo what the object behind `key` (of a kind's index) did; the caller takes it out of its
  // index.
  void undo(SeenSlice& seen) { replace_slices(seen, {}); }
  void undo(Kind kind, const std::string& key) {
    const size_t slash = key.find('/');
    const std::string name = key.substr(slash + 1);
    if (kind == Kind::Namespace) {
      writer.drop_namespace(name);
    } else {
      writer.drop_service(key.substr(0, slash), name, kind == Kind::ServiceImport);
    }
  }
  template <typename Entry>
  void undo_entry(Kind kind, Entry& entry) {
    if constexpr (std::is_same_v<std::remove_const_t<decltype(entry.first)>, Digest>) {
      undo(entry.second);
    } else {
      undo(kind, entry.first);
    }
  }

  template <Index Map>
  size_t erase_from(Map& map, Kind kind, const ObjectKey& key) {
    const auto at = find(map, key);
    if (at == map.end()) return 0;
    undo_entry(kind, *at);
    map.erase(at);
    return 1;
  }

  size_t erase_from(PodStore& all, Kind, const ObjectKey& key) const {
    return all.erase(digest(key)) ? 1 : 0;
  }

  template <typename Map>
  auto find(Map& map, const ObjectKey& key) const {
    if constexpr (std::is_same_v<typename Map::key_type, Digest>) {
      return map.find(digest(key));
    } else {
      return map.find(index_key(key));
    }
  }

  template <Index Map>
  size_t erase_unseen(Map& map, Kind kind) {
    size_t removed = 0;
    for (auto at = map.begin(); at != map.end();) {
      if (at->second.relist == current(kind)) {
        ++at;
        continue;
      }
      undo_entry(kind, *at);
      at = map.erase(at);
      ++removed;
    }
    return removed;
  }

  size_t erase_unseen(PodStore& all, Kind kind) const { return all.erase_unseen(current(kind)); }

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
      case Kind::ServiceImport:
        return action(imports);
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
  const uint32_t relist = state_->current(Kind::Pod);
  return state_->note(state_->pods.put(object, state_->digest(object.key), relist));
}
Change Store::put(const ServiceImport& object) {
  return state_->note(state_->put_import(object));
}

Change Store::erase(Kind kind, const ObjectKey& key) {
  const size_t removed =
      state_->with_index(kind, [&](auto& map) { return state_->erase_from(map, kind, key); });
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

void Store::set_imports_synced() {
  state_->dirty = state_->dirty || !state_->writer.live().imports_synced();
  state_->writer.set_imports_synced();
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
