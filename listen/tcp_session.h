// One TCP connection of a client, over TLS (RFC 7858) or not: messages behind a two-octet length
// (RFC 1035 §4.2.2), as many as it likes without waiting (RFC 7766 §6.2.1), answered in their
// order.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "listen/session.h"
#include "listen/stream.h"
#include "listen/tcp_settings.h"
#include "net/file_descriptor.h"
#include "net/responder.h"

namespace fairlead::listen {

/// Touched by its worker's thread only. Holds no buffer while the client is silent.
class TcpSession final : public Session,
                         public net::LateReplies,
                         public std::enable_shared_from_this<TcpSession> {
 public:
  TcpSession(Shared& shared, const net::Peers& peers, const TcpSettings& settings)
      : Session(peers),
        shared_(shared),
        settings_(settings),
        stream_(shared.context, shared.buffered, shared.handshakes) {}
  ~TcpSession() override = default;
  TcpSession(const TcpSession&) = delete;
  TcpSession& operator=(const TcpSession&) = delete;

  bool start(net::FileDescriptor socket) override;
  void finish() override;
  std::shared_ptr<net::LateReplies> expect_reply() override;
  void send_late(const net::Peers& peers, std::span<const uint8_t> reply) override;
  void send_many(const net::Peers& peers,
                 const std::shared_ptr<net::MessageSource>& messages) override;

  void close() override;
  void check_deadline(Clock::time_point now) override;
  [[nodiscard]] bool is_idle() const override {
    return pending_.empty() && !is_blocked() && expected_ == 0;
  }
  [[nodiscard]] Clock::time_point deadline() const override { return deadline_; }

 private:
  void wait_readable();
  void wait_writable();
  void on_readable();
  void on_writable();
  void go_on_later();
  void go_on_sending();
  bool make_some();
  bool read_once();
  void consume(size_t size);
  [[nodiscard]] size_t answer_messages(size_t size);
  void answer(std::span<const uint8_t> packet);
  bool flush();
  bool append_unsent(std::span<const uint8_t> octets);
  bool send_unsent();
  void reply_has_left();
  bool keep(std::vector<uint8_t>& buffer, std::span<const uint8_t> octets);
  void add_reply(size_t size);
  void resume();
  void expect_query();
  void handshake_has_ended();
  /// The client has not taken all of what was said.
  [[nodiscard]] bool is_blocked() const { return !unsent_.empty() || stream_.has_unsent(); }
  [[nodiscard]] bool waits_for_replies() const;
  [[nodiscard]] bool is_done() const;

  // Constant after construction.
  Shared& shared_;
  const TcpSettings settings_;

  Stream stream_;
  std::vector<uint8_t>
      pending_;  // a message that has not come to its end, or queries behind untaken replies
  std::vector<uint8_t> unsent_;  // replies that the client has not taken
  std::vector<std::shared_ptr<net::MessageSource>>
      many_;                // replies of many messages, in their turn
  size_t output_size_ = 0;  // octets of Shared::output that are this session's; 0 between events
  size_t expected_ = 0;     // replies to follow
  uint64_t queries_ = 0;
  Clock::time_point deadline_{};
  bool reading_ = false;  // a wait for reading is under way
  bool writing_ = false;  // likewise for writing
  bool in_handshake_ = false;
  bool last_seen_ = false;  // nothing more is read: end of input, or the connection's last query
  bool finishing_ = false;
  bool closed_ = false;
};

}  // namespace fairlead::listen
