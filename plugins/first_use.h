// Directives of which the first counts when one stands in a block several times.
#pragma once

#include <optional>
#include <utility>

#include "corefile/cursor.h"

namespace fairlead::plugins {

/// What `read`, which reads one, says of the first; the others are read for their mistakes.
template <typename Read>
auto first_use(corefile::Cursor& cursor, Read&& read) {
  std::optional<decltype(read(cursor))> first;
  while (cursor.next()) {
    auto options = read(cursor);
    if (!first) first = std::move(options);
  }
  return std::move(first).value_or(decltype(read(cursor)){});
}

}  // namespace fairlead::plugins
