// The multisocket directive: how many sockets each listening address has.
#pragma once

#include <cstddef>

#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::multisocket {

// How many sockets of UDP and TCP each; 0: one for each worker. Throws corefile::ConfigError, also
// on a second use in one block.
size_t parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::multisocket
