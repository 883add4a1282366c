// The bind directive: the addresses a block listens on.
#pragma once

#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::bind {

// Words as written, IP addresses or interface names; each use of the directive is one entry,
// because `except` counts for its own line only.
struct Line {
  std::vector<std::string> listen;
  std::vector<std::string> except;
  friend bool operator==(const Line&, const Line&) = default;
};

struct Options {
  std::vector<Line> lines;
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::bind
