// The ready directive: address of /ready and whether a plugin that was ready once is asked again.
#pragma once

#include <string>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::ready {

enum class Monitor { UntilReady, Continuously };

struct Options {
  std::string address = ":8181";
  Monitor monitor = Monitor::UntilReady;
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError, also on a second use in one block.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::ready
