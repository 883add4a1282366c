// The loadbalance directive: shuffled answers, addresses of preferred subnets first.
#pragma once

#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins::loadbalance {

struct Options {
  std::vector<corefile::Subnet> prefer;  // best first
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError. `weighted` is one: it is not supported yet.
Options parse(corefile::Cursor& cursor);

}  // namespace fairlead::plugins::loadbalance
