// One connection to an upstream, with TLS or not: set up, written to, read from, ended in time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "forward/conversation.h"
#include "forward/doh.h"
#include "forward/pipeline.h"
#include "forward/settings.h"
#include "forward/stream_owner.h"
#include "net/asio.h"
#include "net/random.h"
#include "net/socket_address.h"

namespace fairlead::forward {

class StreamConnection final : public std::enable_shared_from_this<StreamConnection>,
                               public ConversationListener {
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
  /// The upstream takes more queries, as far as it has said.
  [[nodiscard]] bool takes_more() const {
    return conversation_ == nullptr || conversation_->takes_more();
  }
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
  void begin();
  void set_open();
  void flush();
  void write_some();
  void read_some();
  void on_read(const boost::system::error_code& error, size_t size);
  void on_eof();
  void decrypt(size_t size);
  void hear(size_t size);
  void on_reply(uint16_t id, std::span<uint8_t> message) override;
  void on_failure(uint16_t id, std::string_view text, bool untouched) override;
  void look_around(bool was_idle);
  bool has_not_said(uint16_t id);
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
  const std::shared_ptr<DohUpstream> doh_;  // may outlive the pool that made it
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

  struct Early {
    uint16_t id;
    std::vector<uint8_t> message;
  };
  std::vector<Early> early_;  // what is asked before it is known how
  size_t early_size_ = 0;
  std::unique_ptr<Conversation> conversation_;  // null until it is known which

  std::vector<uint8_t> plain_;    // TLS: what is to be encrypted
  std::vector<uint8_t> sending_;  // what the kernel is given
  size_t sent_ = 0;               // of sending_
  bool writing_ = false;
  std::vector<uint8_t> cipher_;  // TLS: octets from the socket

  net::Timer timer_;
  Clock::time_point timer_at_ = Clock::time_point::max();  // when it goes off
};

}  // namespace fairlead::forward
