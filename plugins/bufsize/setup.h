// The bufsize directive: the largest EDNS size of clients that is believed.
#pragma once

#include <cstdint>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::bufsize {

struct Options {
  uint16_t size = 1232;  // octets; a larger size in a query's OPT record counts as this one
  friend bool operator==(const Options&, const Options&) = default;
};

// Of several uses the first one counts. Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::bufsize
