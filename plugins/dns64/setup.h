// The dns64 directive: IPv6 addresses for those who have none of IPv4 (RFC 6147).
#pragma once

#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/ipv4_embedding.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::dns64 {

struct Options {
  dns::Ipv4Embedding prefix;
  bool translate_all = false;             // also names that have IPv6 addresses
  bool allow_ipv4 = false;                // also for clients that ask over IPv4
  std::vector<corefile::Subnet> exclude;  // addresses of either family that are as if not there
  friend bool operator==(const Options&, const Options&) = default;
};

// Of several uses and prefixes the last one holds, everything else is added up. Throws
// corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::dns64
