// One UDP socket to one upstream, and which questions wait on it.
#pragma once

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "dns/address.h"
#include "forward/settings.h"
#include "net/clock.h"
#include "net/socket_address.h"

namespace fairlead::forward {

struct Attempt;
struct UdpPeer;

/// A connected socket: the kernel drops what comes from anybody else, and tells when the upstream's
/// port is closed. It carries a few questions and is then closed for ever.
///
/// Why a few: opening and closing one costs as much as three queries. Who forges a reply must hit
/// the port (64,512), the id (65,536) and the question; identical questions are never under way
/// twice on one socket, so other questions on its port help nobody to hit that one. Sharing would
/// give away time to find the port: hence the short life. Below two questions per kUdpSocketLife
/// and upstream each question has a port of its own.
struct UdpSocket {
  static constexpr size_t kQuestions = 32;

  struct Slot {
    uint16_t id = 0;
    bool used = false;
    Attempt* attempt = nullptr;  // null once nobody waits for the reply any more
  };

  int fd = -1;
  uint32_t generation = 0;  // raised when the socket is closed: views of it are stale
  UdpPeer* peer = nullptr;
  size_t used = 0;     // slots given out
  size_t pending = 0;  // slots with an attempt
  int send_error = 0;  // errno of a send that failed: all that wait are about to be told
  uint32_t junk = 0;   // datagrams that were no reply of the upstream to us
  net::Clock::time_point opened;
  std::array<Slot, kQuestions> slots;
};

inline constexpr std::chrono::milliseconds kUdpSocketLife{500};

/// Where the sockets of one upstream go. Constant, but for `current`.
struct UdpPeer {
  UdpPeer(const UpstreamSettings& upstream, const Settings& settings);

  net::SocketAddress remote{};
  socklen_t remote_size = 0;
  std::optional<dns::IpAddress> source;
  void* owner = nullptr;         // the caller's
  UdpSocket* current = nullptr;  // takes more questions
};

}  // namespace fairlead::forward
