// Replies that follow their queries: collected for a moment, sent together.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>

#include "net/mmsg.h"
#include "net/responder.h"
#include "net/socket_address.h"

namespace fairlead::listen {

/// How a listening UDP socket was opened.
struct UdpSocketKind {
  bool v6 = false;                  // its family; IPv4 clients of a dual-stack socket are mapped
  bool per_packet_address = false;  // a wildcard: the reply must name the address it leaves from
};

/// Used by one thread.
class UdpReplies {
 public:
  static constexpr size_t kMost = net::DatagramQueue::kMost;

  explicit UdpReplies(const UdpSocketKind& kind);
  UdpReplies(const UdpReplies&) = delete;
  UdpReplies& operator=(const UdpReplies&) = delete;

  /// Keeps a copy of `reply`, of dns::kMaxUdpReply octets at most, to peers.client from
  /// peers.local. Must not be full().
  void add(const net::Peers& peers, std::span<const uint8_t> reply);

  [[nodiscard]] size_t size() const { return queue_.size(); }
  [[nodiscard]] bool full() const { return queue_.full(); }

  /// Sends and forgets them, without waiting. Returns how many the kernel did not take.
  size_t send(int socket);

 private:
  union Control {
    cmsghdr align;
    std::array<uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> octets;
  };

  size_t write_source(const net::Peers& peers, Control& control) const;

  const UdpSocketKind kind_;
  net::DatagramQueue queue_;
  std::array<net::SocketAddress, kMost> clients_{};
  std::array<Control, kMost> control_{};
};

/// Sends all of `messages`, without waiting. Returns how many the kernel did not take; those are
/// gone.
size_t send_messages(int socket, std::span<mmsghdr> messages);

}  // namespace fairlead::listen
