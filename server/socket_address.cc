#include "server/socket_address.h"

#include <cstring>

namespace fairlead::server {

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

std::string to_text(const Endpoint& endpoint) {
  const std::string address = endpoint.address.to_text();
  const std::string port = std::to_string(endpoint.port);
  return endpoint.address.is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace fairlead::server
