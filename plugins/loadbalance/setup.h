// The loadbalance directive: shuffled answers, addresses of preferred subnets first.
#pragma once

#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::loadbalance {

struct Options {
  std::vector<corefile::Subnet> prefer;  // best first
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError. `weighted` is one: it is not supported yet.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::loadbalance
