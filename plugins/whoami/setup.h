// The whoami directive: takes no arguments.
#pragma once

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins::whoami {

struct Options {
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

}  // namespace fairlead::plugins::whoami
