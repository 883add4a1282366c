// Networks as directives name them: what lies in them, and prefixes for addresses of IPv4.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/ipv4_embedding.h"

namespace fairlead::plugins {

/// `address` holds 4 or 16 octets; never true for the other family.
bool contains(const corefile::Subnet& subnet, std::span<const uint8_t> address);

/// "64:ff9b::/96", with the bits behind the prefix set to zero.
std::string to_text(const corefile::Subnet& subnet);

/// `text` as a subnet. Throws corefile::ConfigError with Go's words.
corefile::Subnet subnet_argument(const corefile::Cursor& cursor, const std::string& text);

/// `text` as a prefix of IPv6 for addresses of IPv4. `lengths` is said behind the error about any
/// other length. Throws corefile::ConfigError.
dns::Ipv4Embedding prefix_argument(const corefile::Cursor& cursor, const std::string& text,
                                   const std::string& lengths = {});

}  // namespace fairlead::plugins
