// Endpoint values <-> the kernel's sockaddr; a socket's own address and errors as Go prints them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "net/endpoint.h"

namespace fairlead::net {

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

/// The number of an interface that is given by its name or its number; 0 for none, and for one that
/// does not exist.
uint32_t scope_id_of(const std::string& scope);
/// The number of the interface behind which a link-local IPv6 address is; 0 for other addresses.
uint32_t scope_id_of(const SocketAddress& address);

/// "10.0.0.1:53", "[2001:db8::1]:53"; the socket's own. Empty when there is none.
std::string local_text(int socket);
std::string to_text(const SocketAddress& address);

/// "connection refused": the text of an errno as Go writes it.
std::string error_text(int error);

}  // namespace fairlead::net
