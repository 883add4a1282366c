// The shed directive: what is lost at the sockets is counted.
#pragma once

#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::shed {

// There is nothing to say but the name. Throws corefile::ConfigError, also on a second use in one
// block.
void parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::shed
