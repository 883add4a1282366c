// The cancel directive: how long a question may take.
#pragma once

#include <chrono>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::cancel {

struct Options {
  std::chrono::nanoseconds timeout = std::chrono::milliseconds(5001);
  friend bool operator==(const Options&, const Options&) = default;
};

// Of several uses the last one counts. Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::cancel
