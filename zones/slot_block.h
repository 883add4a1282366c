// One bucket of a SharedTable: a count and slots sorted by hash, in one heap block.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace fairlead::zones {

/// Shared by reference count. Who holds the only reference may change it; everybody else reads.
template <typename Entry>
class SlotBlock {
 public:
  using Pointer = boost::intrusive_ptr<SlotBlock>;
  struct Slot {  // NOLINT(bugprone-exception-escape): as the entry
    uint32_t hash;
    Entry entry;
  };

  SlotBlock(const SlotBlock&) = delete;
  SlotBlock& operator=(const SlotBlock&) = delete;

  [[nodiscard]] std::span<Slot> slots() { return {first(), size_}; }
  [[nodiscard]] std::span<const Slot> slots() const { return {first(), size_}; }

  /// About where the slots of `hash` stand: hashes are spread evenly over a block, by their bits
  /// below the top 12.
  [[nodiscard]] const Slot* near(uint32_t hash) const {
    return slots().data() + ((uint64_t{hash & kLowBits} * size_) >> kLowBitCount);
  }

  /// The slots of `hash`.
  [[nodiscard]] std::span<const Slot> under(uint32_t hash) const {
    const Slot* const all = slots().data();
    auto begin = static_cast<size_t>(near(hash) - all);
    while (begin > 0 && all[begin - 1].hash >= hash) --begin;
    while (begin < size_ && all[begin].hash < hash) ++begin;
    size_t end = begin;
    while (end < size_ && all[end].hash == hash) ++end;
    return {all + begin, end - begin};
  }

  /// `block` with a slot more, behind those of its hash; a block of the caller's own is changed in
  /// place when there is room.
  static void insert(Pointer& block, uint32_t hash, Entry entry) {
    const size_t size = block ? block->size_ : 0;
    const size_t at =
        block
            ? static_cast<size_t>(std::ranges::upper_bound(block->slots(), hash, {}, &Slot::hash) -
                                  block->slots().begin())
            : 0;
    if (!block || block->size_ == block->capacity_ || block->use_count() != 1) {
      // Grown by little: a table that is loaded once must not carry the slack of doubling for ever.
      block = copy(block.get(), size + 1 + size / 8);
    }
    Slot* const slots = block->first();
    std::construct_at(slots + size, Slot{hash, std::move(entry)});
    ++block->size_;
    std::rotate(slots + at, slots + size, slots + size + 1);
  }

  /// `block` without its slot number `at`; none left: null.
  static void erase(Pointer& block, size_t at) {
    if (block->size_ == 1) return block.reset();
    own(block);
    Slot* const slots = block->first();
    std::move(slots + at + 1, slots + block->size_, slots + at);
    std::destroy_at(slots + --block->size_);
  }

  /// Makes `block` one that may be changed.
  static void own(Pointer& block) {
    if (block->use_count() != 1) block = copy(block.get(), block->size_);
  }

  [[nodiscard]] uint32_t use_count() const { return users_.load(std::memory_order_acquire); }

  friend void intrusive_ptr_add_ref(SlotBlock* block) {
    block->users_.fetch_add(1, std::memory_order_relaxed);
  }
  friend void intrusive_ptr_release(SlotBlock* block) {
    if (block->users_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    std::destroy(block->slots().begin(), block->slots().end());
    std::destroy_at(block);
    ::operator delete(block);
  }

 private:
  static constexpr unsigned kLowBitCount = 20;  // SharedTable takes the 12 above
  static constexpr uint32_t kLowBits = (1U << kLowBitCount) - 1;

  explicit SlotBlock(size_t capacity) : capacity_(static_cast<uint32_t>(capacity)) {}

  Slot* first() { return std::launder(reinterpret_cast<Slot*>(this + 1)); }
  [[nodiscard]] const Slot* first() const {
    return std::launder(reinterpret_cast<const Slot*>(this + 1));
  }

  static Pointer copy(const SlotBlock* from, size_t capacity) {
    static_assert(alignof(Slot) <= alignof(SlotBlock));
    Pointer block(new (::operator new(sizeof(SlotBlock) + capacity * sizeof(Slot)))
                      SlotBlock(capacity));
    if (from == nullptr) return block;
    for (const Slot& slot : from->slots()) {
      std::construct_at(block->first() + block->size_, slot);
      ++block->size_;
    }
    return block;
  }

  alignas(std::max(alignof(Slot), sizeof(uint64_t))) std::atomic<uint32_t> users_{0};
  uint32_t size_ = 0;
  uint32_t capacity_;
};

}  // namespace fairlead::zones
