// The siit directive: IPv4 addresses of services that have only those of IPv6, for networks that
// translate between them (RFC 7755).
#pragma once

#include <map>

#include "corefile/cursor.h"
#include "dns/address.h"
#include "dns/ipv4_embedding.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::siit {

struct Options {
  dns::Ipv4Embedding prefix;
  std::map<dns::IpAddress, dns::IpAddress> mappings;  // RFC 7757: IPv6 -> IPv4
  friend bool operator==(const Options&, const Options&) = default;
};

// The last prefix holds, and the last mapping of an address. Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::siit
