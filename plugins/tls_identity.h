// Who a server is to TLS clients, and whom it wants them to be.
#pragma once

#include <string>

#include "net/tls_context.h"

namespace fairlead::plugins {

/// What the tls directive of a block says: names of files, and what lay in those that anybody may
/// see.
struct TlsIdentity {
  std::string certificate, key, client_ca;  // the last may be empty
  net::ClientAuth client_auth = net::ClientAuth::None;
  std::string key_log;  // empty: none
  std::string certificate_text, client_ca_text;

  /// Why two of them cannot be one listener's; empty: they can.
  [[nodiscard]] std::string conflict(const TlsIdentity& other) const {
    if (certificate_text != other.certificate_text) return "server certificates differ";
    if (client_auth != other.client_auth) return "client authentication policies differ";
    if (client_ca_text != other.client_ca_text) return "client CA pools differ";
    return {};
  }
  friend bool operator==(const TlsIdentity&, const TlsIdentity&) = default;
};

}  // namespace fairlead::plugins
