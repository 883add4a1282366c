// The alternate directive: others are asked when what stands behind it answers with certain rcodes.
// It lies here because it asks as forward does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "plugins/forward/setup.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::alternate {

/// One line.
struct Options {
  std::vector<uint16_t> rcodes;
  std::vector<std::string> from;  // zones
  std::vector<forward::Upstream> upstreams;
  friend bool operator==(const Options&, const Options&) = default;
};

// One entry per use, in file order. Throws corefile::ConfigError.
std::vector<Options> parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::alternate
