// One connection's TLS without its socket: octets in, octets out, for either end.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/resumable_session.h"
#include "net/tls_context.h"

namespace fairlead::net {

/// Used by one thread. Its user does four things: gives it what came from the socket (receive),
/// goes on with the handshake (advance) or takes what was said (read) until that yields nothing,
/// says something (write), and sends what take_output() yields after each of these, whatever the
/// state: a failure has an alert to send. Nothing here waits or throws because of what the other
/// end sends.
///
/// While Handshake or Open it always wants to read; it wants to write when output() > 0.
class TlsSession {
 public:
  /// Closed: the other end has said goodbye (close_notify), or end() was called.
  enum class State : uint8_t { Handshake, Open, Closed, Failed };

  /// Octets that may wait for read(), and for take_output() when more is received or written. What
  /// is beyond is a failure: receive no more before these are taken.
  static constexpr size_t kMaxUnread = size_t{64} * 1024;
  static constexpr size_t kMaxOutput = size_t{1024} * 1024;

  /// A server's end.
  explicit TlsSession(const TlsContext& context);

  /// A client's end that meets `server` (expect_server). `resumable`, when not null, has the
  /// session to go on with, keeps the next one, and is told to forget it when this connection
  /// fails.
  TlsSession(const TlsContext& context, const std::string& server,
             std::shared_ptr<ResumableSession> resumable = nullptr);

  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Octets from the socket, while Handshake or Open; else they are dropped.
  void receive(std::span<const uint8_t> octets);

  /// Goes on with the handshake. A client begins with it.
  State advance();

  /// Decrypts into `out`: how many octets, 0 when there are none yet or state() is no longer Open.
  size_t read(std::span<uint8_t> out);

  /// Octets have been received that read() has not looked at: no new ones need to come for it to
  /// have something.
  [[nodiscard]] bool has_unread() const;

  /// Encrypts all of `octets`, while Open; false when TLS has failed or is not Open.
  bool write(std::span<const uint8_t> octets);

  /// Says goodbye (close_notify, RFC 8446 §6.1), while Open, and once after the other end's.
  void end();

  /// Appends what is to be sent.
  void take_output(std::vector<uint8_t>& out);

  /// How many octets take_output() would append.
  [[nodiscard]] size_t output() const;

  [[nodiscard]] State state() const { return state_; }
  /// Nothing more can be read.
  [[nodiscard]] bool has_ended() const {
    return state_ == State::Closed || state_ == State::Failed;
  }

  /// The handshake went on with an earlier session.
  [[nodiscard]] bool resumed() const;

  /// The protocol both ends agreed on (ALPN); empty: none.
  [[nodiscard]] std::string_view protocol() const;

  /// Why state() is Failed: as handshake_error() has it.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void take_bios();
  State fail(const char* text);
  State fail(int result);

  std::shared_ptr<ResumableSession> resumable_;
  std::unique_ptr<SSL, SslFree> ssl_;  // null only when memory was short: Failed from the start
  State state_ = State::Handshake;
  std::string error_;
};

}  // namespace fairlead::net
