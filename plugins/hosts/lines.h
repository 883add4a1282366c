// Hosts files as text (hosts(5)): `ADDRESS NAME...`, `#` begins a comment.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "dns/address.h"
#include "dns/name.h"

namespace fairlead::plugins::hosts {

// Calls `entry` for every name of every line that has an address, and `problem` with the line's
// number (from 1) for what cannot be read; the rest of the text counts all the same. Names are
// lower-cased; the zone of an IPv6 address is dropped, an IPv4-mapped one is its IPv4 address. Any
// bytes are accepted; time is linear in text.size().
void read_lines(std::string_view text,
                const std::function<void(const dns::Name&, const dns::IpAddress&)>& entry,
                const std::function<void(size_t line, const std::string& what)>& problem);

// The IPv4 address that an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) stands for; any other
// address is itself.
dns::IpAddress unmapped(const dns::IpAddress& address);

}  // namespace fairlead::plugins::hosts
