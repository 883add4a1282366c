// Queries to upstreams: collected during one turn of the event loop, sent together.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dns/response.h"
#include "forward/udp_socket.h"
#include "net/mmsg.h"

namespace fairlead::forward {

/// Used by one thread.
class UdpQueries {
 public:
  static constexpr size_t kMost = net::DatagramQueue::kMost;

  UdpQueries();

  /// Keeps a copy of `query`, of dns::kMaxUpstreamQuery octets at most. Must not be full().
  void add(UdpSocket& socket, std::span<const uint8_t> query);

  [[nodiscard]] size_t size() const { return queue_.size(); }
  [[nodiscard]] bool full() const { return queue_.full(); }

  /// Sends and forgets them, without waiting; those of sockets that have been closed since are
  /// dropped. A socket that cannot send has its errno in `send_error` then; false if there is one.
  [[nodiscard]] bool send();

 private:
  struct Entry {
    UdpSocket* socket = nullptr;  // null once it was sent
    uint32_t generation = 0;
  };

  size_t collect(size_t first);
  static bool send_all(UdpSocket& socket, std::span<mmsghdr> messages);

  net::DatagramQueue queue_;
  std::array<Entry, kMost> entries_{};
  std::array<mmsghdr, kMost> messages_{};  // of one socket at a time
};

}  // namespace fairlead::forward
