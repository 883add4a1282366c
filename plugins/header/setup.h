// The header directive: flags of questions and replies that are changed on their way.
#pragma once

#include <optional>

#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::header {

// What becomes of the flags; none: what they are.
struct Flags {
  std::optional<bool> authoritative;
  std::optional<bool> recursion_available;
  std::optional<bool> recursion_desired;
  friend bool operator==(const Flags&, const Flags&) = default;
};

struct Options {
  Flags query;
  Flags response;
  friend bool operator==(const Options&, const Options&) = default;
};

// All uses count, in their order: of what is said about one flag the last holds. Throws
// corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::header
