// The metadata directive: which questions have labels.
#pragma once

#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::metadata {

struct Options {
  std::vector<std::string> zones;
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError, also on a second use in one block.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::metadata
