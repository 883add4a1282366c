// The file directive: zones from files in the format of RFC 1035.
#pragma once

#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "plugins/zone_files.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::file {

/// A zone of one line, and the word of the Corefile that names its file.
struct NamedZone {
  ZoneSource source;
  corefile::Token named;
};

/// Every zone of every line in the block, in file order. Of two with one origin the later is
/// served, with a warning. Throws corefile::ConfigError.
std::vector<NamedZone> parse(corefile::Cursor& cursor, const corefile::Context& context);

/// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::file
