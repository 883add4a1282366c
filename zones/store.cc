#include "zones/store.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "dns/name.h"
#include "dns/siphash.h"
#include "net/random.h"
#include "zones/digest.h"
#include "zones/pod_store.h"
#include "zones/seen_table.h"
#include "zones/snapshot_writer.h"

namespace fairlead::zones {
namespace {

// "namespace/name", lower case: object names hold no '/'.
std::string index_key(const ObjectKey& key) {
  return dns::lowered(key.namespace_name) + '/' + dns::lowered(key.name);
}

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

struct Store::State {
  StoreOptions options;
  SnapshotWriter writer{net::Random().u64()};
  std::shared_ptr<const Snapshot> published;
  bool dirty = true;     // differs from `published`
  bool changed = false;  // an object changed since then
  std::array<uint32_t, kKinds> relist{};

  SeenTable<Ref<NamespaceName>> namespaces;
  SeenTable<Ref<ServiceName>> services, imports;
  SeenTable<SliceRecords> slices;
  PodStore pods{writer};
  const dns::HashKey low_key = random_key(), high_key = random_key();

  [[nodiscard]] Digest digest(const ObjectKey& key) const {
    const std::string text = index_key(key);
    const std::span octets(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    return {dns::siphash(low_key, octets), dns::siphash(high_key, octets)};
  }

  [[nodiscard]] uint32_t current(Kind kind) const { return relist[static_cast<size_t>(kind)]; }

  Change note(Change change) {
    if (change != Change::None) dirty = changed = true;
    return change;
  }

  // `differs`: from what was known of it.
  Change note_service(Kind kind, const ObjectKey& key, bool differs) {
    const bool imported = kind == Kind::ServiceImport;
    auto& seen = imported ? imports : services;
    const Digest of_key = digest(key);
    if (seen.see(of_key, current(kind)) != nullptr) return differs ? Change::Updated : Change::None;
    const auto id =
        writer.service_id(dns::lowered(key.namespace_name), dns::lowered(key.name), imported);
    seen.add(of_key, current(kind), id);
    return Change::Added;
  }

  void add_records(const EndpointSlice& object, const std::string& of, bool imported,
                   std::vector<Ref<SliceRecord>>& out) {
    if (of.empty()) return;
    const SliceOwner owner{
        writer.service_id(dns::lowered(object.key.namespace_name), dns::lowered(of), imported),
        imported, writer.ports(object.ports)};
    std::ranges::move(make_slices(object, owner, options.endpoint_pod_names),
                      std::back_inserter(out));
  }

  Change put_slice(const EndpointSlice& object) {
    const Digest key = digest(object.key);
    const uint32_t list = current(Kind::EndpointSlice);
    std::vector<Ref<SliceRecord>> records;
    add_records(object, object.service_name, false, records);
    add_records(object, object.import_name, true, records);
    SliceRecords* const before = slices.see(key, list);
    if (before != nullptr) {
      if (std::ranges::equal(*before, records, same_slice)) return Change::None;
      replace_slices(*before, std::move(records));
      return Change::Updated;
    }
    SliceRecords added;
    replace_slices(added, std::move(records));
    slices.add(key, list, std::move(added));
    return Change::Added;
  }

  // What is as before stays the same record: nothing is to be done for it.
  void replace_slices(SliceRecords& seen, std::vector<Ref<SliceRecord>> come) {
    std::vector<Ref<SliceRecord>> gone(seen.begin(), seen.end());
    seen.assign(come.begin(), come.end());
    for (Ref<SliceRecord>& record : seen) {
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
    const Digest key = digest({"", object.name});
    const uint32_t list = current(Kind::Namespace);
    if (namespaces.see(key, list) != nullptr) return Change::None;
    const std::string name = dns::lowered(object.name);
    writer.add_namespace(name);
    namespaces.add(key, list, writer.namespace_name(name));
    return Change::Added;
  }

  // Undo what an object did, which is no longer in its table.
  void undo(Kind, const Ref<NamespaceName>& name) { writer.drop_namespace(name->name); }
  void undo(Kind kind, const Ref<ServiceName>& id) {
    writer.drop_service(id->namespace_name, id->name, kind == Kind::ServiceImport);
  }
  void undo(Kind, SliceRecords& records) { replace_slices(records, {}); }

  template <typename Value>
  bool erase_from(SeenTable<Value>& table, Kind kind, const Digest& key) {
    auto value = table.take(key);
    if (value) undo(kind, *value);
    return value.has_value();
  }
  static bool erase_from(PodStore& all, Kind, const Digest& key) { return all.erase(key); }

  template <typename Value>
  size_t erase_unseen(SeenTable<Value>& table, Kind kind) {
    return table.take_unseen(current(kind), [&](Value& value) { undo(kind, value); });
  }
  size_t erase_unseen(PodStore& all, Kind kind) const { return all.erase_unseen(current(kind)); }

  // Calls `action(table of that kind)`.
  template <typename Action>
  auto with_table(Kind kind, Action&& action) {
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
  const bool differs = state_->writer.set_service(object);
  return state_->note(state_->note_service(Kind::Service, object.key, differs));
}
Change Store::put(const EndpointSlice& object) {
  return state_->note(state_->put_slice(object));
}
Change Store::put(const Pod& object) {
  const uint32_t relist = state_->current(Kind::Pod);
  return state_->note(state_->pods.put(object, state_->digest(object.key), relist));
}
Change Store::put(const ServiceImport& object) {
  const bool differs = state_->writer.set_import(object);
  return state_->note(state_->note_service(Kind::ServiceImport, object.service.key, differs));
}

Change Store::erase(Kind kind, const ObjectKey& key) {
  const bool removed = state_->with_table(
      kind, [&](auto& table) { return state_->erase_from(table, kind, state_->digest(key)); });
  return state_->note(removed ? Change::Removed : Change::None);
}

void Store::begin_relist(Kind kind) {
  ++state_->relist[static_cast<size_t>(kind)];
}

size_t Store::end_relist(Kind kind) {
  const size_t removed =
      state_->with_table(kind, [&](auto& table) { return state_->erase_unseen(table, kind); });
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
  return state_->with_table(kind, [](auto& table) { return table.size(); });
}

}  // namespace fairlead::zones
