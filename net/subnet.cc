#include "net/subnet.h"

#include <arpa/inet.h>

#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace fairlead::net {

bool parse_subnet(std::string_view text, Subnet& out) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash + 1 == text.size()) return false;
  const std::string host(text.substr(0, slash));
  const bool v6 = host.find(':') != std::string::npos;
  std::vector<uint8_t> address(v6 ? 16 : 4);
  if (inet_pton(v6 ? AF_INET6 : AF_INET, host.c_str(), address.data()) != 1) return false;
  const char* const last = text.data() + text.size();
  int prefix = -1;
  const auto [end, ec] = std::from_chars(text.data() + slash + 1, last, prefix);
  const int bits = v6 ? 128 : 32;
  if (ec != std::errc() || end != last || prefix < 0 || prefix > bits || text[slash + 1] == '-')
    return false;
  for (int bit = prefix; bit < bits; ++bit) {
    auto& octet = address[static_cast<size_t>(bit / 8)];
    octet = static_cast<uint8_t>(octet & ~(0x80 >> (bit % 8)));
  }
  out = {std::move(address), prefix};
  return true;
}

}  // namespace fairlead::net
