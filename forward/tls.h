// TLS towards one upstream: what is trusted, what it must be called, the session to go on with.
#pragma once

#include <memory>
#include <string>

#include "forward/settings.h"
#include "net/resumable_session.h"
#include "net/tls_context.h"
#include "net/tls_session.h"

namespace fairlead::forward {

/// What the upstreams of a group with one transport have in common; ALPN offers what it speaks.
/// Reads the files, the system's CAs among them; throws std::runtime_error with the file's name
/// when one cannot be used.
std::shared_ptr<const net::TlsContext> make_tls_context(const TlsSettings& settings,
                                                        Transport transport = Transport::Tls);

/// Shared by the workers; any thread. Its connections may outlive it.
class TlsClient {
 public:
  TlsClient(std::shared_ptr<const net::TlsContext> context, const UpstreamSettings& upstream);

  /// A connection's TLS that goes on with the last session of any worker.
  [[nodiscard]] std::unique_ptr<net::TlsSession> connect() const;

 private:
  std::shared_ptr<const net::TlsContext> context_;
  std::string server_name_;  // the name or address that the certificate must be for
  std::shared_ptr<net::ResumableSession> session_;
};

}  // namespace fairlead::forward
