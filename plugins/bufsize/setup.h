// The bufsize directive: the largest EDNS size of clients that is believed.
#pragma once

#include <cstdint>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins::bufsize {

struct Options {
  uint16_t size = 1232;  // octets; a larger size in a query's OPT record counts as this one
  friend bool operator==(const Options&, const Options&) = default;
};

// Of several uses the first one counts. Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

}  // namespace fairlead::plugins::bufsize
