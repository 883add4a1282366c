// The chaos directive: what is told about the server itself.
#pragma once

#include <string>
#include <vector>

#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::chaos {

// All texts are at most 255 octets.
struct Options {
  std::string version;  // empty: the program's name and version
  std::vector<std::string> authors = {"The Fairlead Authors"};  // no two are the same
  friend bool operator==(const Options&, const Options&) = default;
};

// Of several uses the first one counts. Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::chaos
