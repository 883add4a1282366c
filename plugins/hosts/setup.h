// The hosts directive: names and addresses from a file and from lines in the Corefile.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::hosts {

struct Options {
  std::string path = "/etc/hosts";
  std::vector<std::string> zones;
  std::string inline_text;  // the lines in braces, each with its line end
  uint32_t ttl = 3600;
  bool reverse = true;                                        // PTR records from the same lines
  std::chrono::nanoseconds reload = std::chrono::seconds(5);  // 0: the file is read once
  std::vector<std::string> fall_through;                      // empty: none
  bool fall_through_unsupported = false;  // other types fall through even where the name exists
  friend bool operator==(const Options&, const Options&) = default;
};

// Warns of a file that is not there and of inline lines that mean nothing. Throws
// corefile::ConfigError, also on a second use in one block.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::hosts
