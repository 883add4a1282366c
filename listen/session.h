// What all connections of clients have in common, whatever is spoken on them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "listen/handshakes.h"
#include "listen/tcp_settings.h"
#include "net/asio.h"
#include "net/endpoint.h"
#include "net/file_descriptor.h"
#include "net/responder.h"

namespace fairlead::listen {

/// One connection. Touched by its worker's thread only.
class Session {
 public:
  using Clock = std::chrono::steady_clock;

  /// What all sessions of a worker use; outlives them.
  struct Shared {
    static constexpr size_t kReadSize = 16 << 10;   // per event, so that one client cannot hold the
                                                    // worker
    static constexpr size_t kMostExpected = 1024;   // replies to follow; then nothing more is read
    static constexpr size_t kFlushSize = 32 << 10;  // replies collected before they are sent

    Shared(asio::io_context& io, const TcpOptions& limits, TcpCounters& counts,
           std::unique_ptr<net::Responder>& answers);

    asio::io_context& context;
    const TcpOptions options;
    TcpCounters& counters;
    std::unique_ptr<net::Responder>& responder;  // may be replaced between two events
    std::function<void(Session&)> on_close;
    Handshakes handshakes;
    size_t buffered = 0;          // octets kept by all sessions
    std::vector<uint8_t> input;   // scratch of the session that is running
    std::vector<uint8_t> output;  // likewise; has room for the largest reply behind kFlushSize
  };

  explicit Session(const net::Peers& peers) : peers_(peers) {}
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Takes the connected, non-blocking socket and begins to read. False when the event loop cannot
  /// take one more.
  virtual bool start(net::FileDescriptor socket) = 0;

  /// Answers what has arrived and closes; a message that has begun may still come to its end, and
  /// replies that are to follow do.
  virtual void finish() = 0;

  /// Closes at once. on_close runs once, before this returns.
  virtual void close() = 0;

  /// Closes when the deadline of what the client is to do has passed.
  virtual void check_deadline(Clock::time_point now) = 0;

  /// Nothing is under way: it can be closed for another one.
  [[nodiscard]] virtual bool is_idle() const = 0;
  [[nodiscard]] virtual Clock::time_point deadline() const = 0;

  [[nodiscard]] const net::Peers& peers() const { return peers_; }

 private:
  const net::Peers peers_;
};

}  // namespace fairlead::listen
