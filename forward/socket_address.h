// Addresses of upstreams as the kernel wants them, and as Go prints them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "dns/address.h"

namespace fairlead::forward {

/// Room for an IPv4 or IPv6 socket address.
union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

/// Fills `out` and returns its length. `scope` names an interface or is its number; it counts for
/// IPv6 only, and one that does not exist is left out.
socklen_t to_socket_address(const dns::IpAddress& address, uint16_t port, const std::string& scope,
                            SocketAddress& out);

/// "10.0.0.1:53", "[2001:db8::1]:53"; the socket's own or its peer's. Empty when there is none.
std::string local_text(int socket);
std::string to_text(const SocketAddress& address);

/// "connection refused": the text of an errno as Go writes it.
std::string error_text(int error);

}  // namespace fairlead::forward
