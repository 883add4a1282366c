// The reload directive: how often the Corefile is looked at.
#pragma once

#include <chrono>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::reload {

struct Options {
  std::chrono::nanoseconds interval = std::chrono::seconds(30);
  // Never more than half the interval; each wait is interval +- jitter / 2.
  std::chrono::nanoseconds jitter = std::chrono::seconds(15);
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError. Of several uses the first one holds, as in CoreDNS.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::reload
