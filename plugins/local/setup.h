// The local directive: names and addresses that mean the host itself.
#pragma once

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::local {

struct Options {
  bool prefix = true;  // localhost.NAME is answered like localhost, for search lists
  friend bool operator==(const Options&, const Options&) = default;
};

// Of several uses the last one that sets something counts. Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::local
