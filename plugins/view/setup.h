// The view directive: a server block for some of the questions of its zones.
#pragma once

#include <string>
#include <vector>

#include "corefile/cursor.h"
#include "expression/program.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::view {

struct Options {
  std::string name;
  std::vector<expression::Program> conditions;  // all must hold
};

// Says of the cursor's warnings what can never be true. Throws corefile::ConfigError, also on a
// second use in one block.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::view
