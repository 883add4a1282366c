#include "dns/reverse_name.h"

#include <string>
#include <string_view>

namespace fairlead::dns {

// The longest, of 32 nibbles, is far from too long.
Name reverse_name(const IpAddress& address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  Name name;
  name.prepend("arpa");
  name.prepend(address.is_v6() ? "ip6" : "in-addr");
  for (const uint8_t octet : address.octets()) {
    if (address.is_v6()) {
      name.prepend(kDigits.substr(octet >> 4, 1));
      name.prepend(kDigits.substr(octet & 15, 1));
    } else {
      name.prepend(std::to_string(octet));
    }
  }
  return name;
}

}  // namespace fairlead::dns
