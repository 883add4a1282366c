// Endpoint values <-> the kernel's sockaddr.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "server/responder.h"

namespace fairlead::server {

/// Room for an IPv4 or IPv6 socket address.
union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

/// Reads what the kernel gave. An IPv4-mapped IPv6 address (a client of a dual-stack socket)
/// becomes IPv4.
Endpoint endpoint_of(const SocketAddress& address);

/// An IPv6 address as a value, IPv4-mapped ones as IPv4.
dns::IpAddress address_of(const in6_addr& address);

/// Fills `out` and returns its length. `scope_id` counts for IPv6 only.
socklen_t to_socket_address(const Endpoint& endpoint, uint32_t scope_id, SocketAddress& out);

/// "10.0.0.1:53", "[2001:db8::1]:53".
std::string to_text(const Endpoint& endpoint);

}  // namespace fairlead::server
