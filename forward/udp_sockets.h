// One worker's UDP sockets to upstreams: source ports and ids that nobody can guess, replies read
// in batches.
#pragma once

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "forward/handler_memory.h"
#include "forward/udp_queries.h"
#include "forward/udp_socket.h"
#include "net/asio.h"
#include "net/random.h"

namespace fairlead::forward {

/// What a datagram is to who asked.
struct Datagram {
  std::span<const uint8_t> octets;
  bool cut = false;  // larger than any reply may be; `octets` is its beginning
};

/// What the kernel said of a socket.
struct UdpError {
  int error = 0;  // errno
  bool sending = false;
  std::string local;  // the socket's own address and port
};

/// Told about what comes, from within the event loop; may use the sockets meanwhile.
class UdpUser {
 public:
  /// A datagram with the id of `attempt`.
  virtual void on_datagram(Attempt& attempt, uint16_t id, const Datagram& datagram) = 0;
  /// A datagram that carries an id for which nobody waits any more.
  virtual void on_late(UdpPeer& peer) = 0;
  /// A datagram that carries no id of this socket's.
  virtual void on_stray(UdpPeer& peer, const Datagram& datagram) = 0;
  /// The upstream cannot be reached; the attempt is off the socket already.
  virtual void on_udp_error(Attempt& attempt, const UdpError& error) = 0;

 protected:
  ~UdpUser() = default;
};

/// Used by its worker's thread only. One epoll descriptor inside the event loop's holds all
/// sockets, so that opening one costs the event loop nothing.
class UdpSockets : public std::enable_shared_from_this<UdpSockets> {
 public:
  using Clock = net::Clock;

  UdpSockets(asio::io_context& context, net::Random& random, UdpUser& user);
  ~UdpSockets();
  UdpSockets(const UdpSockets&) = delete;
  UdpSockets& operator=(const UdpSockets&) = delete;

  /// Where an attempt sits.
  struct Place {
    UdpSocket* socket = nullptr;  // null: no socket could be had
    size_t slot = 0;
    bool reused = false;
    int error = 0;  // errno when there is no socket
  };

  /// A place for one question, its id in the slot. `fresh`: on a port that carried none before.
  Place reserve(UdpPeer& peer, Attempt& attempt, bool fresh, Clock::time_point now);

  /// Sends a query of a reserved place before this turn of the event loop is over. Should that
  /// fail, everyone who waits on the socket hears of it later, never from within this call.
  void send(UdpSocket& socket, std::span<const uint8_t> query);

  /// Nobody waits for the place's reply any more.
  void release(UdpSocket& socket, size_t slot, Clock::time_point now);

  /// Closes the peer's current socket to questions if it is older than kUdpSocketLife; true when
  /// there is none left to look after.
  bool retire(UdpPeer& peer, Clock::time_point now);

  /// Before a peer is destroyed: closes its current socket. No attempt may be under way.
  void forget(UdpPeer& peer);

  /// Starts to listen; stop() ends everything: no more callbacks.
  void start();
  void stop();

 private:
  static constexpr size_t kBatch = 16;
  static constexpr size_t kLargestReply = 4096;

  UdpSocket* open(UdpPeer& peer, int& error);
  int open_descriptor(const UdpPeer& peer, int& error);
  [[nodiscard]] bool bind_random(int fd, const UdpPeer& peer);
  void close(UdpSocket& socket);
  void close_if_done(UdpSocket& socket, Clock::time_point now);
  uint16_t fresh_id(const UdpSocket& socket);

  void send_collected();
  void wait();
  void on_readable();
  void drain(UdpSocket& socket);
  void take(UdpSocket& socket, const Datagram& datagram);
  void fail(UdpSocket& socket, UdpError error);

  net::Random& random_;
  UdpUser& user_;
  asio::io_context& context_;
  asio::posix::stream_descriptor epoll_;
  bool stopped_ = false;
  std::vector<std::unique_ptr<UdpSocket>> sockets_;  // all there ever were
  std::vector<UdpSocket*> free_;
  UdpQueries queries_;
  bool will_send_ = false;  // send_collected() is in the event loop's queue
  std::shared_ptr<HandlerMemory> post_memory_ = std::make_shared<HandlerMemory>();
  bool send_failed_ = false;  // a socket has a send_error

  std::vector<uint8_t> buffers_;
  std::array<iovec, kBatch> vectors_{};
  std::array<mmsghdr, kBatch> messages_{};
};

}  // namespace fairlead::forward
