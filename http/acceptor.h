// The listening sockets of the HTTP server: HOST:PORT as in a Corefile to a socket that listens.
#pragma once

#include <string>
#include <variant>

#include "net/asio.h"

namespace fairlead::http {

/// Where `address` is: that of IPv4 when its host has both, as Go takes it; the wildcard of both
/// families without a host; port 0, any that is free, without a port behind the colon. Or why there
/// is no such place ("listen tcp nohost:80: Name or service not known"). Asks the system's
/// resolver, which may take seconds, when the host is a name.
std::variant<asio::ip::tcp::endpoint, std::string> look_up(const std::string& address);

/// Opens, binds and listens. Empty, or why not, as Go says it ("listen tcp :8080: bind: address
/// already in use"); `address` is what the text names. A machine without IPv6 gets the wildcard of
/// IPv4.
std::string listen_at(const asio::ip::tcp::endpoint& endpoint, const std::string& address,
                      asio::ip::tcp::acceptor& acceptor);

}  // namespace fairlead::http
