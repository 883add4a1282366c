#include "net/socket_address.h"

#include <net/if.h>

#include <charconv>
#include <cstring>
#include <system_error>

#include "dns/name.h"

namespace fairlead::net {

dns::IpAddress address_of(const in6_addr& address) {
  const std::span<const uint8_t> octets(address.s6_addr, 16);
  return dns::IpAddress(IN6_IS_ADDR_V4MAPPED(&address) ? octets.last(4) : octets);
}

Endpoint endpoint_of(const SocketAddress& address) {
  if (address.any.sa_family == AF_INET6) {
    return {address_of(address.v6.sin6_addr), ntohs(address.v6.sin6_port)};
  }
  if (address.any.sa_family != AF_INET) return {};
  const auto* octets = reinterpret_cast<const uint8_t*>(&address.v4.sin_addr);
  return {dns::IpAddress(std::span<const uint8_t>(octets, 4)), ntohs(address.v4.sin_port)};
}

socklen_t to_socket_address(const Endpoint& endpoint, uint32_t scope_id, SocketAddress& out) {
  const std::span<const uint8_t> octets = endpoint.address.octets();
  if (endpoint.address.is_v6()) {
    out.v6 = {};
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(endpoint.port);
    out.v6.sin6_scope_id = scope_id;
    std::memcpy(&out.v6.sin6_addr, octets.data(), octets.size());
    return sizeof out.v6;
  }
  out.v4 = {};
  out.v4.sin_family = AF_INET;
  out.v4.sin_port = htons(endpoint.port);
  std::memcpy(&out.v4.sin_addr, octets.data(), octets.size());
  return sizeof out.v4;
}

uint32_t scope_id_of(const std::string& scope) {
  if (scope.empty()) return 0;
  uint32_t number = 0;
  const char* end = scope.data() + scope.size();
  const auto read = std::from_chars(scope.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? number : ::if_nametoindex(scope.c_str());
}

uint32_t scope_id_of(const SocketAddress& address) {
  return address.any.sa_family == AF_INET6 ? address.v6.sin6_scope_id : uint32_t{0};
}

std::string to_text(const SocketAddress& address) {
  if (address.any.sa_family != AF_INET6) {
    return address.any.sa_family == AF_INET ? to_text(endpoint_of(address)) : std::string();
  }
  // As it is, IPv4-mapped or not.
  const std::span<const uint8_t> octets(address.v6.sin6_addr.s6_addr, 16);
  return to_text(Endpoint{dns::IpAddress(octets), ntohs(address.v6.sin6_port)});
}

std::string local_text(int socket) {
  SocketAddress address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, &address.any, &size) != 0) return {};
  return to_text(address);
}

std::string error_text(int error) {
  std::string text = std::system_category().message(error);
  for (char& c : text) c = static_cast<char>(dns::lower(static_cast<uint8_t>(c)));
  return text;
}

}  // namespace fairlead::net
