// The cache directive: what is kept, how much and how long.
#pragma once

#include "cache/cache.h"
#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::cache {

using fairlead::cache::ClassSettings;
using fairlead::cache::PrefetchSettings;
using fairlead::cache::Settings;
using fairlead::cache::StaleSettings;

// Throws corefile::ConfigError, also on a second use in one block.
Settings parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::cache
