// TLS towards one upstream: what is trusted, what it must be called, the session to go on with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "forward/settings.h"
#include "net/resumable_session.h"
#include "net/tls_context.h"
#include "net/tls_session.h"

namespace fairlead::forward {

/// Whom a client with these files believes, and who it is; it speaks DNS over TLS. Reads nothing.
net::ClientTls client_tls(const TlsSettings& settings);

/// What the upstreams of a group with one transport have in common; ALPN offers what it speaks.
/// Reads the files, the system's CAs among them; throws std::runtime_error with the file's name
/// when one cannot be used.
std::shared_ptr<const net::TlsContext> make_tls_context(const TlsSettings& settings,
                                                        Transport transport = Transport::Tls);

/// The TLS sessions of upstreams, so that groups which ask the same server and believe the same
/// authorities go on with each other's: the one before a reload and the one behind it. A session
/// lives as long as a group has it. Used by one thread at a time.
class UpstreamSessions {
 public:
  std::shared_ptr<net::ResumableSession> of(const net::TlsContext& context,
                                            const UpstreamSettings& upstream);

 private:
  struct Known {
    std::string client;  // TlsContext::identity()
    UpstreamSettings upstream;
    std::weak_ptr<net::ResumableSession> session;
  };
  std::vector<Known> all_;
};

/// Shared by the workers; any thread. Its connections may outlive it.
class TlsClient {
 public:
  /// `session`: where the upstream's is kept, also by others; null: nowhere else.
  TlsClient(std::shared_ptr<const net::TlsContext> context, const UpstreamSettings& upstream,
            std::shared_ptr<net::ResumableSession> session = nullptr);

  /// A connection's TLS that goes on with the last session of any worker.
  [[nodiscard]] std::unique_ptr<net::TlsSession> connect() const;

 private:
  std::shared_ptr<const net::TlsContext> context_;
  std::string server_name_;  // the name or address that the certificate must be for
  std::shared_ptr<net::ResumableSession> session_;
};

}  // namespace fairlead::forward
