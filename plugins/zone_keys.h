// Files of keys that directives name (dnssec, sign).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "signing/zone_key.h"

namespace fairlead::plugins {

using ZoneKeys = std::vector<std::shared_ptr<const signing::ZoneKey>>;

/// One that was read, and how its files' names begin.
struct NamedKey {
  std::shared_ptr<const signing::ZoneKey> key;
  std::string base;
};

/// `file KEY…` behind the option `key`: each KEY is the name of either file, NAME.key or
/// NAME.private, or what both begin with. Throws corefile::ConfigError. None where there are no
/// files to be read.
std::vector<NamedKey> read_keys(corefile::Cursor& cursor, const corefile::Context& context);

}  // namespace fairlead::plugins
