// The one call between sockets and answers.
#pragma once

#include <cstdint>
#include <span>

#include "dns/address.h"
#include "dns/types.h"

namespace fairlead::server {

/// One end of a conversation.
struct Endpoint {
  dns::IpAddress address;
  uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// A request as the network gave it. Views live as long as the call.
struct Request {
  std::span<const uint8_t> packet;
  dns::Transport transport = dns::Transport::Udp;
  Endpoint client;
  Endpoint local;         // the address that was asked, not the wildcard
  uint32_t listener = 0;  // Listener::id: which listening address of the configuration
};

/// What a worker asks for every request. One instance per worker, used by that worker's thread
/// only.
class Responder {
 public:
  virtual ~Responder() = default;

  /// Writes the reply into `out`, which has room for the largest reply of the transport, and
  /// returns its size; 0 says nothing. Never throws.
  virtual size_t respond(const Request& request, std::span<uint8_t> out) = 0;
};

}  // namespace fairlead::server
