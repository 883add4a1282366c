// The TLS session that a client's next connection to the same server goes on with.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>

#include "net/tls_context.h"

namespace fairlead::net {

/// Holds the newest session of one server. Any thread; a mutex is held at a handshake.
class ResumableSession {
 public:
  /// `ssl` is to go on with the session if there is one. Sessions that its server hands out from
  /// then on come here; this object must live until `ssl` is freed.
  void attach(SSL* ssl);

  /// The session's end was not as it should be: the next connection starts afresh.
  void forget();

  /// OpenSSL's callback for new sessions, of every client's context.
  static int on_session(SSL* ssl, SSL_SESSION* session);

 private:
  std::mutex mutex_;
  std::unique_ptr<SSL_SESSION, SslFree> session_;  // under mutex_
};

}  // namespace fairlead::net
