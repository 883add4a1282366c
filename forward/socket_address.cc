#include "forward/socket_address.h"

#include <net/if.h>

#include <charconv>
#include <cstring>
#include <system_error>

#include "dns/name.h"

namespace fairlead::forward {
namespace {

uint32_t scope_id(const std::string& scope) {
  if (scope.empty()) return 0;
  uint32_t number = 0;
  const char* end = scope.data() + scope.size();
  const auto read = std::from_chars(scope.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? number : ::if_nametoindex(scope.c_str());
}

}  // namespace

socklen_t to_socket_address(const dns::IpAddress& address, uint16_t port, const std::string& scope,
                            SocketAddress& out) {
  const std::span<const uint8_t> octets = address.octets();
  if (address.is_v6()) {
    out.v6 = {};
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(port);
    out.v6.sin6_scope_id = scope_id(scope);
    std::memcpy(&out.v6.sin6_addr, octets.data(), octets.size());
    return sizeof out.v6;
  }
  out.v4 = {};
  out.v4.sin_family = AF_INET;
  out.v4.sin_port = htons(port);
  std::memcpy(&out.v4.sin_addr, octets.data(), octets.size());
  return sizeof out.v4;
}

std::string to_text(const SocketAddress& address) {
  if (address.any.sa_family == AF_INET6) {
    const std::span<const uint8_t> octets(address.v6.sin6_addr.s6_addr, 16);
    return "[" + dns::IpAddress(octets).to_text() +
           "]:" + std::to_string(ntohs(address.v6.sin6_port));
  }
  if (address.any.sa_family != AF_INET) return {};
  const auto* octets = reinterpret_cast<const uint8_t*>(&address.v4.sin_addr);
  return dns::IpAddress(std::span<const uint8_t>(octets, 4)).to_text() + ":" +
         std::to_string(ntohs(address.v4.sin_port));
}

std::string error_text(int error) {
  std::string text = std::system_category().message(error);
  for (char& c : text) c = static_cast<char>(dns::lower(static_cast<uint8_t>(c)));
  return text;
}

std::string local_text(int socket) {
  SocketAddress address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, &address.any, &size) != 0) return {};
  return to_text(address);
}

}  // namespace fairlead::forward
