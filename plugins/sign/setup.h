// The sign directive: zones of files are signed, into other files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/name.h"
#include "plugins/sign/zone_signing.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::sign {

struct Options {
  dns::Name origin;  // lower case
  std::string path;  // of the zone as it is written
  std::string signed_path;
  Keys keys;
  corefile::Token at;  // the directive's name
};

// One for each zone. Reads the files of keys. Throws corefile::ConfigError.
std::vector<Options> parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::sign
