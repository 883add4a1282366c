// One connection of DNS over HTTPS (RFC 8484), over TLS or not: HTTP/2 when the client begins with
// its preface, else HTTP/1.1.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "listen/doh_settings.h"
#include "listen/http.h"
#include "listen/session.h"
#include "listen/stream.h"
#include "listen/tcp_settings.h"
#include "net/file_descriptor.h"
#include "net/responder.h"

namespace fairlead::listen {

/// Touched by its worker's thread only.
class DohSession final : public Session,
                         private HttpServer,
                         public std::enable_shared_from_this<DohSession> {
 public:
  /// `settings.doh` is not null.
  DohSession(Shared& shared, const net::Peers& peers, const TcpSettings& settings);
  ~DohSession() override;

  bool start(net::FileDescriptor socket) override;
  void finish() override;
  void close() override;
  void check_deadline(Clock::time_point now) override;
  [[nodiscard]] bool is_idle() const override;
  [[nodiscard]] Clock::time_point deadline() const override { return deadline_; }

 private:
  class Asker;  // a request whose reply follows
  enum class Wait : uint8_t { Handshake, Request, Rest, Reply, Client };

  void on_request(int32_t stream, HttpRequest& request) override;
  void on_fault(uint16_t status) override { settings_.doh->counters->count(status); }

  void wait_readable();
  void wait_writable();
  void on_readable();
  bool read_once();
  void take(std::span<const uint8_t> octets);
  void choose(std::span<const uint8_t> octets);
  void ask(int32_t stream, const std::vector<uint8_t>& message, bool head);
  void answer(int32_t stream, std::span<const uint8_t> message, bool head);
  void reply(int32_t stream, const HttpReply& reply);
  void late_reply(int32_t stream, std::span<const uint8_t> message, bool head);
  void go_on();
  bool write();
  bool send_unsent();
  bool count_kept();
  void handshake_has_ended();
  void set_deadline();
  [[nodiscard]] Wait waits_for() const;
  [[nodiscard]] bool may_read() const;
  [[nodiscard]] bool is_blocked() const { return !unsent_.empty() || stream_.has_unsent(); }
  [[nodiscard]] bool is_done() const;

  // Constant after construction.
  Shared& shared_;
  const TcpSettings settings_;

  Stream stream_;
  std::array<uint8_t, 3> first_{};  // octets that do not tell yet which version it is
  size_t first_size_ = 0;
  std::unique_ptr<HttpConversation> http_;  // null until then
  std::vector<uint8_t> unsent_;             // what the client has not taken
  size_t kept_ = 0;                         // counted in Shared::buffered
  size_t expected_ = 0;  // replies to follow, also to requests that were given up
  uint64_t replies_ = 0;
  uint64_t sent_ = 0;  // octets
  Clock::time_point deadline_{};
  Wait waiting_ = Wait::Request;  // what deadline_ is for
  int32_t incomplete_ = 0;        // whose rest that is
  uint64_t replies_before_ = 0;   // when it was set
  uint64_t sent_before_ = 0;      // likewise
  bool reading_ = false;          // a wait for reading is under way
  bool writing_ = false;          // likewise for writing
  bool in_handshake_ = false;
  bool last_seen_ = false;  // the client says no more
  bool running_ = false;    // octets are taken in: what is to be said is sent behind them
  bool finishing_ = false;
  bool closed_ = false;
};

}  // namespace fairlead::listen
