// The auto directive: a zone for each file in a folder whose name says so.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/name.h"
#include "plugins/auto/origin.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::auto_ {

struct Options {
  std::string folder;
  bool with_folders = true;  // those within it count, too
  OriginPattern pattern;
  std::chrono::nanoseconds reload = std::chrono::minutes(1);  // 0: the folder is read once
  std::vector<dns::Name> zones;                               // names elsewhere pass

  friend bool operator==(const Options&, const Options&) = default;
};

/// One for each use in the block, in file order. Throws corefile::ConfigError.
std::vector<Options> parse(corefile::Cursor& cursor, const corefile::Context& context);

/// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::auto_
