// One datagram to a client, outside a batch.
#pragma once

#include <cstdint>
#include <span>

#include "server/responder.h"

namespace fairlead::server {

/// How a listening UDP socket was opened.
struct UdpSocketKind {
  bool v6 = false;                  // its family; IPv4 clients of a dual-stack socket are mapped
  bool per_packet_address = false;  // a wildcard: the reply must name the address it leaves from
};

/// Sends `reply` to peers.client from peers.local, without waiting. False when the kernel did not
/// take it.
bool send_reply(int socket, const UdpSocketKind& kind, const Peers& peers,
                std::span<const uint8_t> reply);

}  // namespace fairlead::server
