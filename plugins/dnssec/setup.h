// The dnssec directive: answers are signed when they are asked for.
#pragma once

#include <cstddef>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/name.h"
#include "plugins/zone_keys.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::dnssec {

using Keys = ZoneKeys;

struct Options {
  std::vector<dns::Name> zones;  // lower case
  Keys keys;
  size_t cache_capacity = 10'000;  // RRsets whose signatures are kept
};

// Reads the files of keys. Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::dnssec
