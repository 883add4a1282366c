// The timeouts directive: how long TCP connections may be silent, and how many queries they carry.
#pragma once

#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
struct ConnectionSettings;
}  // namespace fairlead::plugins

namespace fairlead::plugins::timeouts {

// What several uses say holds together, the last of the same. Throws corefile::ConfigError.
ConnectionSettings parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::timeouts
