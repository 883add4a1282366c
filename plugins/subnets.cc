#include "plugins/subnets.h"

#include <algorithm>
#include <cstddef>

#include "dns/address.h"

namespace fairlead::plugins {

bool contains(const corefile::Subnet& subnet, std::span<const uint8_t> address) {
  if (address.size() != subnet.address.size()) return false;
  const auto whole = static_cast<size_t>(subnet.prefix / 8);
  if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole),
                  subnet.address.begin())) {
    return false;
  }
  const int rest = subnet.prefix % 8;
  if (rest == 0) return true;
  return (address[whole] >> (8 - rest)) == (subnet.address[whole] >> (8 - rest));
}

std::string to_text(const corefile::Subnet& subnet) {
  return dns::IpAddress(subnet.address).to_text() + "/" + std::to_string(subnet.prefix);
}

corefile::Subnet subnet_argument(const corefile::Cursor& cursor, const std::string& text) {
  corefile::Subnet subnet;
  if (!corefile::parse_subnet(text, subnet)) throw cursor.error("invalid CIDR address: " + text);
  return subnet;
}

dns::Ipv4Embedding prefix_argument(const corefile::Cursor& cursor, const std::string& text,
                                   const std::string& lengths) {
  const corefile::Subnet subnet = subnet_argument(cursor, text);
  const std::string shown = '"' + to_text(subnet) + '"';
  if (subnet.address.size() != 16) throw cursor.error("invalid netmask 32 IPv6 address: " + shown);
  if (!dns::Ipv4Embedding::is_length(subnet.prefix))
    throw cursor.error("invalid prefix length " + shown + lengths);
  return {subnet.address, subnet.prefix};
}

}  // namespace fairlead::plugins
