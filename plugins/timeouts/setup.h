// The timeouts directive: how long TCP connections may be silent, and how many queries they carry.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::timeouts {

// What is not said stays as it is without the directive.
struct Options {
  std::optional<std::chrono::nanoseconds> read, idle, write;
  std::optional<int64_t> max_queries;  // of one connection; -1: no limit
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::timeouts
