#include "zones/snapshot_changes.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "zones/listed_pods.h"
#include "zones/table_parts.h"

namespace fairlead::zones {
namespace {

// Calls `earlier_only` and `later_only` with the entries that only one version has.
template <typename Record, typename EarlierOnly, typename LaterOnly>
void for_each_difference(const SharedTable<Ref<Record>>& earlier,
                         const SharedTable<Ref<Record>>& later, EarlierOnly&& earlier_only,
                         LaterOnly&& later_only) {
  std::vector<const Record*> was, is;
  const auto take = [](const SharedTable<Ref<Record>>& table, size_t part, auto& out) {
    out.clear();
    visit_part(table, part,
               [&](uint32_t, const Ref<Record>& entry) { out.push_back(entry.get()); });
    std::ranges::sort(out);
  };
  for (size_t part = 0; part < kTableParts; ++part) {
    if (is_same_part(earlier, later, part)) continue;
    take(earlier, part, was);
    take(later, part, is);
    for (const Record* record : was)
      if (!std::ranges::binary_search(is, record)) earlier_only(*record);
    for (const Record* record : is)
      if (!std::ranges::binary_search(was, record)) later_only(*record);
  }
}

template <typename Record>
SnapshotChanges::Id id_of(const Record& record) {
  return {record.id->namespace_name, record.id->name};
}

}  // namespace

template <typename Record>
void SnapshotChanges::compare(const Table<Record>& earlier, const Table<Record>& later,
                              std::map<Id, Changed<Record>>& changed) const {
  for_each_difference<Record>(
      earlier, later, [&](const Record& record) { changed[id_of(record)].earlier = &record; },
      [&](const Record& record) { changed[id_of(record)].later = &record; });
  if (namespaces_.empty()) return;
  const auto add = [&](const Table<Record>& table, const Record* Changed<Record>::*side) {
    for (size_t part = 0; part < kTableParts; ++part)
      visit_part(table, part, [&](uint32_t, const Ref<Record>& record) {
        if (!namespaces_.contains(record->id->namespace_name)) return;
        Changed<Record>& entry = changed[id_of(*record)];
        entry.*side = record.get();
        entry.as_a_whole = true;
      });
  };
  add(earlier, &Changed<Record>::earlier);
  add(later, &Changed<Record>::later);
}

SnapshotChanges::Pods SnapshotChanges::pods() const {
  Pods changed, was, is;
  const auto take = [](const Snapshot& snapshot, size_t part, Pods& out) {
    out.clear();
    for_each_pod(snapshot, part,
                 [&](const PodRecord& pod) { out.emplace(pod.in->name, pod.address.ip()); });
  };
  for (size_t part = 0; part < kTableParts; ++part) {
    const bool same = is_same_part(earlier_.pods(), later_.pods(), part);
    if (same && namespaces_.empty()) continue;
    take(earlier_, part, was);
    take(later_, part, is);
    std::ranges::set_symmetric_difference(was, is, std::inserter(changed, changed.end()));
    for (const Pods* const side : {&was, &is})
      std::ranges::copy_if(*side, std::inserter(changed, changed.end()),
                           [&](const auto& pod) { return namespaces_.contains(pod.first); });
  }
  return changed;
}

SnapshotChanges::SnapshotChanges(const Snapshot& earlier, const Snapshot& later)
    : earlier_(earlier), later_(later) {
  // One that was made anew is no other.
  const auto toggle = [this](const NamespaceName& entry) {
    if (namespaces_.erase(entry.name) == 0) namespaces_.insert(entry.name);
  };
  for_each_difference<NamespaceName>(earlier.namespaces_, later.namespaces_, toggle, toggle);
  compare(earlier.services_, later.services_, services_);
  compare(earlier.imports_, later.imports_, imports_);
  compare(earlier.outside_, later.outside_, outsides_);
}

}  // namespace fairlead::zones
