// The errors directive: what it says, not what it does.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::errors {

enum class Level { Error, Warning, Info, Debug };

// Errors whose text matches `pattern` are counted for `period` and logged as one line.
struct Consolidate {
  std::chrono::nanoseconds period{};
  std::string pattern;  // checked; for expression::compile_pattern()
  Level level = Level::Error;
  bool show_first = false;
  friend bool operator==(const Consolidate&, const Consolidate&) = default;
};

struct Options {
  bool stacktrace = false;
  std::vector<Consolidate> consolidate;
  friend bool operator==(const Options&, const Options&) = default;
};

inline constexpr size_t kMaxPattern = 10'000;  // octets
inline constexpr size_t kMaxRules = 100;

// Throws corefile::ConfigError, also on a second use in one block.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::errors
