// The debug directive: debug lines in the log.
#pragma once

#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::debug {

// It has nothing to say but that it is there. Throws corefile::ConfigError.
void parse(corefile::Cursor& cursor);

// Into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::debug
