// A server that zones are copied from, and TLS towards it (RFC 9103).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "corefile/cursor.h"
#include "forward/settings.h"
#include "forward/tls.h"
#include "net/endpoint.h"
#include "net/tls_session.h"
#include "plugins/client_tls.h"

namespace fairlead::plugins::secondary {

struct Primary {
  net::ServerEndpoint endpoint;
  bool has_tls = false;
  std::string server_name;  // TLS: what its certificate must be for; empty: the address

  friend bool operator==(const Primary&, const Primary&) = default;
};
using Primaries = std::vector<Primary>;

inline const dns::IpAddress& address_of(const Primary& primary) {
  return primary.endpoint.address;
}

/// "192.0.2.1:53", "tls://192.0.2.1:853".
std::string to_text(const Primary& primary);
/// All of them, with a comma between.
std::string to_text(const Primaries& primaries);

/// ADDRESS[:PORT], an IPv6 address with %LINK behind it or not, or tls://ADDRESS[:PORT][%NAME]; an
/// IPv6 address with a port in brackets. Throws corefile::ConfigError.
Primary primary_at(const corefile::Cursor& cursor, const std::string& word);

bool has_tls(const Primaries& primaries);

/// What transfers are encrypted with, in TLS 1.3 or newer (RFC 9103 §7). Reads the files, or whom
/// the system trusts; throws std::runtime_error with the file's name when one cannot be used.
std::shared_ptr<const net::TlsContext> transfer_context(
    const fairlead::forward::TlsSettings& settings);

/// TLS towards these servers, for all zones that are copied from them. Constant once made. Used by
/// the control thread, since sessions are shared there.
class PrimaryTls {
 public:
  /// Throws as transfer_context(). `seen` are the files as they were before they are read;
  /// `sessions` has the TLS sessions of others who ask the same servers.
  PrimaryTls(Primaries primaries, fairlead::forward::TlsSettings settings, TlsFiles seen,
             fairlead::forward::UpstreamSessions& sessions);

  [[nodiscard]] bool is_of(const Primaries& primaries,
                           const fairlead::forward::TlsSettings& settings,
                           const TlsFiles& seen) const {
    return primaries_ == primaries && settings_ == settings && seen_ == seen;
  }

  /// For a connection to that one of the servers; null when it has no TLS.
  [[nodiscard]] std::unique_ptr<net::TlsSession> connect(size_t number) const;

 private:
  const Primaries primaries_;
  const fairlead::forward::TlsSettings settings_;
  const TlsFiles seen_;
  std::vector<std::unique_ptr<fairlead::forward::TlsClient>> clients_;  // null without TLS
};

}  // namespace fairlead::plugins::secondary
