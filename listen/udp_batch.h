// The buffers behind recvmmsg and sendmmsg: up to 32 datagrams in, their replies out, nothing
// allocated in between.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dns/render.h"
#include "net/responder.h"
#include "net/socket_address.h"

namespace fairlead::listen {

/// Used for one socket at a time, by one thread. Views are good until the next receive().
class UdpBatch {
 public:
  static constexpr size_t kMessages = 32;
  static constexpr size_t kLargestQuery = 4096;

  UdpBatch();
  UdpBatch(const UdpBatch&) = delete;
  UdpBatch& operator=(const UdpBatch&) = delete;

  /// Reads what is there, without waiting. Returns the count, or -1 with errno.
  int receive(int socket);

  /// Sets packet, client and scope_id to those of the i-th datagram of the last receive(), and the
  /// address in `local` to where it came to when the kernel told that. False: the kernel cut it.
  [[nodiscard]] bool read(size_t i, net::Request& request);

  /// For those of a part of the batch; what is in them is left from the last use.
  [[nodiscard]] std::span<net::Request> requests() { return requests_; }

  /// Where the next reply is written: dns::kMaxUdpReply octets.
  [[nodiscard]] std::span<uint8_t> reply_space() {
    return {replies_.data() + reply_end_, dns::kMaxUdpReply};
  }

  /// Takes the first `size` octets of reply_space() as the reply to datagram `i`, sent from the
  /// address it came to when the kernel told that. At most one reply per datagram.
  void add_reply(size_t i, size_t size);

  /// Sends the replies. Returns how many the kernel did not take; those are gone.
  size_t send(int socket);

 private:
  union Control {
    cmsghdr align;
    std::array<uint8_t, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(in_pktinfo))> octets;
  };

  // Buffers of a power of two apart would share the same few lines of the first-level cache.
  static constexpr size_t kStride = kLargestQuery + 192;

  void read_control(const cmsghdr& header, size_t i, dns::IpAddress& local);

  std::array<net::Request, net::Responder::kLookahead> requests_;
  std::vector<uint8_t> queries_;
  std::vector<uint8_t> replies_;
  size_t reply_end_ = 0;
  size_t reply_count_ = 0;
  size_t received_ = kMessages;  // how many entries of in_ the kernel has written to
  std::array<mmsghdr, kMessages> in_{};
  std::array<mmsghdr, kMessages> out_{};
  std::array<iovec, kMessages> in_vectors_{};
  std::array<iovec, kMessages> out_vectors_{};
  std::array<net::SocketAddress, kMessages> clients_{};
  std::array<Control, kMessages> in_control_{};
  std::array<Control, kMessages> out_control_{};
  std::array<size_t, kMessages> out_control_size_{};
};

}  // namespace fairlead::listen
