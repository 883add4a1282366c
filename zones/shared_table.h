// A hash table whose versions share what they have in common: the store changes one version,
// readers keep others.
//
//   root -> 64 branches -> 64 buckets each -> entries sorted by hash
//
// Two hops and a binary search find an entry; a change copies the root's and one branch's 64
// pointers and one bucket, whatever the size of the table. What only the writer refers to is
// changed in place, so filling a table copies nothing.
#pragma once

#include <algorithm>
#include <array>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <span>
#include <vector>

namespace fairlead::zones {

/// Several entries may have one hash: the caller tells them apart. Entry is cheap to copy (a handle
/// or a few octets). Thread rule: a copy may be read by any thread while the original is changed by
/// its one writer.
template <typename Entry>
class SharedTable {
 public:
  /// The first entry under `hash` that `matches`, or null.
  template <typename Match>
  [[nodiscard]] const Entry* find(uint32_t hash, Match&& matches) const {
    for (const Slot& slot : slots_of(hash)) {
      if (matches(slot.entry)) return &slot.entry;
    }
    return nullptr;
  }

  /// Calls `visit(entry)` for every entry under `hash`.
  template <typename Visit>
  void for_each(uint32_t hash, Visit&& visit) const {
    for (const Slot& slot : slots_of(hash)) visit(slot.entry);
  }

  void insert(uint32_t hash, Entry entry) {
    auto& slots = own_bucket(hash).slots;
    const auto after = std::ranges::upper_bound(slots, hash, {}, &Slot::hash);
    // Grown by one: a table that is loaded once must not carry the slack of doubling for ever.
    if (slots.size() == slots.capacity()) {
      std::vector<Slot> grown;
      grown.reserve(slots.size() + 1 + slots.size() / 8);
      grown.insert(grown.end(), slots.begin(), after);
      grown.push_back({hash, std::move(entry)});
      grown.insert(grown.end(), after, slots.end());
      slots = std::move(grown);
    } else {
      slots.insert(after, {hash, std::move(entry)});
    }
    ++size_;
  }

  /// Removes the first entry under `hash` that `matches`; false when there is none.
  template <typename Match>
  bool erase(uint32_t hash, Match&& matches) {
    if (find(hash, matches) == nullptr) return false;
    auto& slots = own_bucket(hash).slots;
    auto slot = std::ranges::lower_bound(slots, hash, {}, &Slot::hash);
    while (!matches(slot->entry)) ++slot;
    slots.erase(slot);
    --size_;
    return true;
  }

  /// Puts `entry` in the place of the first one that `matches`; false when there is none.
  template <typename Match>
  bool replace(uint32_t hash, Match&& matches, Entry entry) {
    if (find(hash, matches) == nullptr) return false;
    auto& slots = own_bucket(hash).slots;
    auto slot = std::ranges::lower_bound(slots, hash, {}, &Slot::hash);
    while (!matches(slot->entry)) ++slot;
    slot->entry = std::move(entry);
    return true;
  }

  [[nodiscard]] size_t size() const { return size_; }

 private:
  static constexpr size_t kFanOut = 64;

  struct Slot {
    uint32_t hash;
    Entry entry;
  };
  struct Bucket : boost::intrusive_ref_counter<Bucket> {
    std::vector<Slot> slots;
  };
  struct Branch : boost::intrusive_ref_counter<Branch> {
    std::array<boost::intrusive_ptr<Bucket>, kFanOut> buckets;
  };
  struct Root : boost::intrusive_ref_counter<Root> {
    std::array<boost::intrusive_ptr<Branch>, kFanOut> branches;
  };

  static size_t branch_index(uint32_t hash) { return hash >> 26; }
  static size_t bucket_index(uint32_t hash) { return hash >> 20 & (kFanOut - 1); }

  [[nodiscard]] std::span<const Slot> slots_of(uint32_t hash) const {
    const Branch* branch = root_ ? root_->branches[branch_index(hash)].get() : nullptr;
    const Bucket* bucket = branch ? branch->buckets[bucket_index(hash)].get() : nullptr;
    if (bucket == nullptr) return {};
    const auto& slots = bucket->slots;
    const auto first = std::ranges::lower_bound(slots, hash, {}, &Slot::hash);
    const auto last = std::ranges::upper_bound(slots, hash, {}, &Slot::hash);
    return {slots.data() + (first - slots.begin()), static_cast<size_t>(last - first)};
  }

  // A node that nobody else refers to; a shared one is copied first.
  template <typename Node>
  static Node& own(boost::intrusive_ptr<Node>& node) {
    if (!node) {
      node = new Node;
    } else if (node->use_count() != 1) {
      node = new Node(*node);
    }
    return *node;
  }

  Bucket& own_bucket(uint32_t hash) {
    Branch& branch = own(own(root_).branches[branch_index(hash)]);
    return own(branch.buckets[bucket_index(hash)]);
  }

  boost::intrusive_ptr<Root> root_;
  size_t size_ = 0;
};

}  // namespace fairlead::zones
