// An address of a socket as Asio has it.
#pragma once

#include <cstring>

#include "net/asio.h"
#include "net/socket_address.h"

namespace fairlead::net {

inline asio::ip::tcp::endpoint tcp_endpoint(const SocketAddress& address, socklen_t size) {
  asio::ip::tcp::endpoint endpoint;
  endpoint.resize(size);
  std::memcpy(endpoint.data(), &address.any, size);
  return endpoint;
}

}  // namespace fairlead::net
