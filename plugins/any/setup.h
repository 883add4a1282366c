// The any directive: takes no arguments.
#pragma once

#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::any {

// Throws corefile::ConfigError.
void parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::any
