// Subnets as text: 10.0.0.0/8.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace fairlead::net {

/// Octets in network order; the bits after the prefix are zero.
struct Subnet {
  std::vector<uint8_t> address;  // 4 or 16
  int prefix = 0;
  friend bool operator==(const Subnet&, const Subnet&) = default;
};

/// ADDRESS/BITS in Go's reading; false when it is none.
bool parse_subnet(std::string_view text, Subnet& out);

}  // namespace fairlead::net
