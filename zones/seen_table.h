// Which objects of one kind a store has seen, and what each has put into the snapshot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "zones/digest.h"
#include "zones/shared_table.h"
#include "zones/table_parts.h"

namespace fairlead::zones {

/// Found by the digest of an object's key, of which 96 bits tell objects apart. As tight as the
/// tables of a snapshot: there may be a million. Value is what must be taken out again when the
/// object goes. Used by one thread.
template <typename Value>
class SeenTable {
 public:
  /// What is kept of an object, which is seen in the list of that number now; null for a new one.
  /// Valid until the table is changed.
  Value* see(const Digest& key, uint32_t relist) {
    Entry* const entry = seen_.change(hash_of(key), Is{key.high});
    if (entry == nullptr) return nullptr;
    entry->relist = relist;
    return &entry->value;
  }

  /// `key` is not there yet.
  void add(const Digest& key, uint32_t relist, Value value) {
    seen_.insert(hash_of(key), {key.high, std::move(value), relist});
  }

  /// Takes an object out, or nothing.
  std::optional<Value> take(const Digest& key) { return take(hash_of(key), key.high); }

  /// Takes out all that were seen in another list than `relist`, and calls `undo(value)` for each;
  /// how many.
  template <typename Undo>
  size_t take_unseen(uint32_t relist, Undo&& undo) {
    std::vector<std::pair<uint32_t, uint64_t>> gone;
    for (size_t part = 0; part < kTableParts; ++part) {
      visit_part(seen_, part, [&](uint32_t hash, const Entry& entry) {
        if (entry.relist != relist) gone.emplace_back(hash, entry.rest);
      });
    }
    for (const auto& [hash, rest] : gone) {
      auto value = take(hash, rest);
      undo(*value);
    }
    return gone.size();
  }

  [[nodiscard]] size_t size() const { return seen_.size(); }

 private:
  // A small vector of pointers takes no memory when it is moved, which the linter cannot know.
  struct Entry {        // NOLINT(bugprone-exception-escape)
    uint64_t rest = 0;  // of the digest, beside the table's hash
    Value value;
    uint32_t relist = 0;
  };
  struct Is {
    uint64_t rest = 0;
    bool operator()(const Entry& entry) const { return entry.rest == rest; }
  };

  static uint32_t hash_of(const Digest& key) { return static_cast<uint32_t>(key.low); }

  std::optional<Value> take(uint32_t hash, uint64_t rest) {
    Entry* const entry = seen_.change(hash, Is{rest});
    if (entry == nullptr) return std::nullopt;
    std::optional<Value> value(std::move(entry->value));
    seen_.erase(hash, Is{rest});
    return value;
  }

  SharedTable<Entry> seen_;
};

}  // namespace fairlead::zones
