// The root directive: the folder that relative names of files begin at.
#pragma once

#include <string>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::root {

// The folder, as written; of several uses the last one counts. Warns of one that is not there.
// Throws corefile::ConfigError, also for a folder that cannot be looked at.
std::string parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::root
