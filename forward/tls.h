// TLS towards one upstream: what is trusted, what it must be called, the session to go on with.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "forward/settings.h"

namespace fairlead::forward {

struct SslFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

/// Shared by the workers; any thread. Outlives its sessions.
class TlsClient {
 public:
  TlsClient(const TlsSettings& settings, const UpstreamSettings& upstream);

  /// A client's end that goes on with the last session if there is one; null when memory is short.
  std::unique_ptr<SSL, SslFree> connect();

  /// The session's end was not as it should be: the next connection starts afresh.
  void forget_session();

 private:
  static int on_session(SSL* ssl, SSL_SESSION* session);  // OpenSSL's callback
  void load(const TlsSettings& settings);

  std::unique_ptr<SSL_CTX, SslFree> context_;
  std::string server_name_;  // the name or address that the certificate must be for
  bool is_address_ = false;

  std::mutex mutex_;
  std::unique_ptr<SSL_SESSION, SslFree> session_;  // under mutex_
};

/// Reads the files; throws std::runtime_error with the file's name when one cannot be used.
std::unique_ptr<TlsClient> make_tls_client(const TlsSettings& settings,
                                           const UpstreamSettings& upstream);

/// One connection's TLS, without its socket: octets in, octets out. One thread.
class TlsSession {
 public:
  enum class State : uint8_t { Handshake, Open, Closed, Failed };

  explicit TlsSession(TlsClient& client);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Octets from the socket. They are kept until read() has taken them.
  void receive(std::span<const uint8_t> octets);

  /// Goes on with the handshake.
  State advance();

  /// Decrypts into `out`: how many octets, 0 when there are none yet or state() is no longer Open.
  size_t read(std::span<uint8_t> out);

  /// Encrypts all of `octets`, while Open; false when TLS has failed.
  bool write(std::span<const uint8_t> octets);

  /// Says goodbye (close_notify), while Open.
  void end();

  /// Appends what is to be sent.
  void take_output(std::vector<uint8_t>& out);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool resumed() const;

  /// Why state() is Failed, in Go's words: "tls: failed to verify certificate: …".
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  State fail(int result);

  TlsClient& client_;
  std::unique_ptr<SSL, SslFree> ssl_;
  State state_ = State::Handshake;
  std::string error_;
};

}  // namespace fairlead::forward
