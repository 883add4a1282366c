// A table from its first entry to its last, a part at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "zones/shared_table.h"

namespace fairlead::zones {

/// Every entry of a SharedTable is in one of so many parts.
inline constexpr size_t kTableParts = size_t{64} * 64;

/// Calls `visit(hash, entry)` for every entry in that part, which must stay as it is meanwhile.
template <typename T, typename Visit>
void visit_part(const SharedTable<T>& table, size_t part, Visit&& visit) {
  const auto* const block = table.place(static_cast<uint32_t>(part << 20));
  if (block == nullptr || !*block) return;
  for (const auto& slot : std::as_const(**block).slots()) visit(slot.hash, slot.entry);
}

/// Two versions of a table share that part: nothing in it has changed.
template <typename T>
bool is_same_part(const SharedTable<T>& a, const SharedTable<T>& b, size_t part) {
  const auto in = [part](const SharedTable<T>& table) {
    const auto* const block = table.place(static_cast<uint32_t>(part << 20));
    return block == nullptr ? nullptr : block->get();
  };
  return in(a) == in(b);
}

}  // namespace fairlead::zones
