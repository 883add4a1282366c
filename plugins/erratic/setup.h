// The erratic directive: what goes wrong, and how often.
#pragma once

#include <chrono>
#include <cstdint>

#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::erratic {

// One in so many; 0: never.
struct Options {
  uint64_t drop = 2;
  uint64_t delay = 0;
  std::chrono::nanoseconds delay_time{};
  uint64_t truncate = 0;
  bool large = false;
  friend bool operator==(const Options&, const Options&) = default;
};

// What several uses say holds together, the last of the same. Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::erratic
