// The nsid directive: what this server calls itself.
#pragma once

#include <string>

#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::nsid {

struct Options {
  std::string data;  // empty: the host's name
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::nsid
