// The multisocket directive: how many sockets each listening address has.
#pragma once

#include <cstddef>

#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::multisocket {

struct Options {
  size_t sockets = 0;  // of UDP and TCP each; 0: one for each worker
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError, also on a second use in one block.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::multisocket
