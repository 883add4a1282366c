// A hash table whose versions share what they have in common: the store changes one version,
// readers keep others. A root has 64 branches of 64 blocks each, and these slots sorted by hash:
// a change copies the pointers of the root and one branch, and one block. What only the writer
// refers to is changed in place, so filling a table copies nothing.
#pragma once

#include <array>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "zones/slot_block.h"

namespace fairlead::zones {

/// Several entries may have one hash: the caller tells them apart. Entry is cheap to copy (a handle
/// or a few octets). Thread rule: a copy may be read by any thread while the original is changed by
/// its one writer.
template <typename Entry>
class SharedTable {
  using Block = SlotBlock<Entry>;

 public:
  /// Fetches what is under a hash from memory, without waiting: each step asks for what the next
  /// one reads. To be gone through for several hashes at once, side by side. `Memory{}(address)`
  /// asks for the cache line at an address, which may be null.
  template <typename Memory>
  class Fetch {
   public:
    Fetch() = default;
    Fetch(const SharedTable& table, uint32_t hash) : hash_(hash), place_(table.place(hash)) {
      Memory{}(place_);
    }
    void fetch_block() {
      block_ = place_ != nullptr ? place_->get() : nullptr;
      Memory{}(block_);
    }
    void fetch_slots() const {
      if (block_ != nullptr) Memory{}(block_->near(hash_));
    }
    /// The first entry, null when there is none.
    [[nodiscard]] const Entry* entry() const {
      if (block_ == nullptr) return nullptr;
      const auto slots = block_->under(hash_);
      return slots.empty() ? nullptr : &slots.front().entry;
    }

   private:
    uint32_t hash_ = 0;
    const typename Block::Pointer* place_ = nullptr;
    const Block* block_ = nullptr;
  };

  /// The first entry under `hash` that `matches`, or null.
  template <typename Match>
  [[nodiscard]] const Entry* find(uint32_t hash, Match&& matches) const {
    for (const auto& slot : under(hash)) {
      if (matches(slot.entry)) return &slot.entry;
    }
    return nullptr;
  }

  /// Calls `visit(entry)` for every entry under `hash`.
  template <typename Visit>
  void for_each(uint32_t hash, Visit&& visit) const {
    for (const auto& slot : under(hash)) visit(slot.entry);
  }

  void insert(uint32_t hash, Entry entry) {
    Block::insert(own_place(hash), hash, std::move(entry));
    ++size_;
  }

  /// Removes the first entry under `hash` that `matches`; false when there is none.
  template <typename Match>
  bool erase(uint32_t hash, Match&& matches) {
    const auto at = position(hash, matches);
    if (!at) return false;
    Block::erase(own_place(hash), *at);
    --size_;
    return true;
  }

  /// The first entry that `matches`, to be changed, or null. Valid until the table is changed.
  template <typename Match>
  Entry* change(uint32_t hash, Match&& matches) {
    const auto at = position(hash, matches);
    if (!at) return nullptr;
    auto& block = own_place(hash);
    Block::own(block);
    return &block->slots()[*at].entry;
  }

  [[nodiscard]] size_t size() const { return size_; }

 private:
  template <typename T, typename Visit>
  friend void visit_part(const SharedTable<T>& table, size_t part, Visit&& visit);
  template <typename T>
  friend bool is_same_part(const SharedTable<T>& a, const SharedTable<T>& b, size_t part);
  static constexpr size_t kFanOut = 64;
  struct Branch : boost::intrusive_ref_counter<Branch> {
    std::array<typename Block::Pointer, kFanOut> blocks;
  };
  struct Root : boost::intrusive_ref_counter<Root> {
    std::array<boost::intrusive_ptr<Branch>, kFanOut> branches;
  };

  static size_t branch_index(uint32_t hash) { return hash >> 26; }
  static size_t block_index(uint32_t hash) { return hash >> 20 & (kFanOut - 1); }

  [[nodiscard]] const typename Block::Pointer* place(uint32_t hash) const {
    const Branch* branch = root_ ? root_->branches[branch_index(hash)].get() : nullptr;
    return branch != nullptr ? &branch->blocks[block_index(hash)] : nullptr;
  }

  [[nodiscard]] std::span<const typename Block::Slot> under(uint32_t hash) const {
    const auto* block = place(hash);
    if (block == nullptr || !*block) return {};
    return std::as_const(**block).under(hash);
  }

  /// The number in its block of the first entry under `hash` that `matches`.
  template <typename Match>
  [[nodiscard]] std::optional<size_t> position(uint32_t hash, Match&& matches) const {
    for (const auto& slot : under(hash)) {
      if (matches(slot.entry)) return static_cast<size_t>(&slot - (*place(hash))->slots().data());
    }
    return std::nullopt;
  }

  template <typename Node>
  static Node& own(boost::intrusive_ptr<Node>& node) {
    if (!node || node->use_count() != 1) node = node ? new Node(*node) : new Node;
    return *node;
  }

  typename Block::Pointer& own_place(uint32_t hash) {
    return own(own(root_).branches[branch_index(hash)]).blocks[block_index(hash)];
  }

  boost::intrusive_ptr<Root> root_;
  size_t size_ = 0;
};

}  // namespace fairlead::zones
