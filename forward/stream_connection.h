// One TCP or TLS connection to an upstream: set up, written to, read from, ended in time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "forward/pipeline.h"
#include "forward/settings.h"
#include "forward/tls.h"
#include "net/asio.h"
#include "net/random.h"
#include "net/socket_address.h"

namespace fairlead::forward {

class StreamConnection;

/// Told what happens on a connection, on the worker's thread; the connection stays alive during the
/// call. Nothing is told after release().
class StreamOwner {
 public:
  virtual void on_open(StreamConnection& connection, std::chrono::nanoseconds took) = 0;
  /// The reply to `query`, which is forgotten, with the connection's id in it. `message` may be
  /// written to.
  virtual void on_reply(StreamConnection& connection, uint32_t query,
                        std::span<uint8_t> message) = 0;
  /// All that was sent has been answered or cancelled.
  virtual void on_idle(StreamConnection& connection) = 0;
  /// The end. `queries` have no reply; `peer_ended` when the upstream closed an open connection.
  virtual void on_closed(StreamConnection& connection, std::span<const uint32_t> queries,
                         std::string_view text, bool peer_ended) = 0;

 protected:
  ~StreamOwner() = default;
};

/// What a connection is made from; the references outlive it or its release().
struct StreamPeer {
  asio::io_context& context;
  const Settings& settings;
  const UpstreamSettings& upstream;
  TlsClient* tls;
  net::Random& random;
};

class StreamConnection : public std::enable_shared_from_this<StreamConnection> {
 public:
  using Clock = net::Clock;

  StreamConnection(const StreamPeer& peer, StreamOwner& owner);

  /// Starts to connect; on_open() or on_closed() follows, never from within. Called once. `timeout`
  /// is for all of it, the TLS handshake included.
  void start(std::chrono::nanoseconds timeout);

  /// Puts `message` (at least 12 octets) under way with an id of its own, at once or when the
  /// connection is open. `query` comes back with the reply. Only while has_room().
  void send(uint32_t query, std::span<const uint8_t> message);

  /// Forgets a query.
  void cancel(uint32_t query);

  /// Closes without telling, and lets go of the owner.
  void release();

  [[nodiscard]] bool connecting() const { return state_ == State::Connecting; }
  [[nodiscard]] bool open() const { return state_ == State::Open; }
  /// Nobody waits for a reply.
  [[nodiscard]] bool idle() const { return open() && pipeline_.waiting() == 0; }
  [[nodiscard]] bool has_room(size_t size) const;
  [[nodiscard]] size_t replies() const { return replies_; }
  [[nodiscard]] Clock::time_point opened_at() const { return opened_at_; }

  /// A query was given up although time enough had passed, and nothing has come since: maybe the
  /// other end is gone without a word.
  [[nodiscard]] bool suspect() const { return suspect_; }

  /// What was sent and has not been answered.
  [[nodiscard]] const Pipeline& pipeline() const { return pipeline_; }

 private:
  enum class State : uint8_t { Connecting, Open, Closed };

  bool open_socket(boost::system::error_code& error);
  void on_connected(boost::system::error_code error);
  void set_open();
  void flush();
  void write_some();
  void read_some();
  void on_read(const boost::system::error_code& error, size_t size);
  void on_eof();
  void decrypt(size_t size);
  void take_messages();
  void on_message(std::span<uint8_t> message);
  void become_idle();
  void close(std::string_view text, bool peer_ended);
  void say_goodbye();

  void schedule();
  void on_timer();
  [[nodiscard]] Clock::time_point deadline() const;

  [[nodiscard]] std::string dial_error(std::string_view what) const;
  [[nodiscard]] std::string io_error(const char* verb, std::string_view what);

  StreamOwner* owner_;
  const Settings& settings_;
  net::Random& random_;
  net::SocketAddress remote_;
  asio::ip::tcp::endpoint endpoint_;
  std::optional<dns::IpAddress> source_;
  asio::ip::tcp::socket socket_;
  std::unique_ptr<net::TlsSession> tls_;
  State state_ = State::Connecting;

  Pipeline pipeline_;
  size_t replies_ = 0;
  bool suspect_ = false;
  Clock::time_point started_at_, setup_deadline_, opened_at_, last_octet_, idle_since_;

  std::vector<uint8_t> out_;      // frames not yet encrypted or handed to the kernel
  std::vector<uint8_t> sending_;  // what the kernel is given
  size_t sent_ = 0;               // of sending_
  bool writing_ = false;

  std::vector<uint8_t> in_;      // frames, the first one at 0
  size_t received_ = 0;          // octets in in_
  std::vector<uint8_t> cipher_;  // TLS: octets from the socket

  net::Timer timer_;
  Clock::time_point timer_at_ = Clock::time_point::max();  // when it goes off
};

}  // namespace fairlead::forward
