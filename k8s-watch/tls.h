// TLS towards an API server: which certificates are trusted, shown and expected.
#pragma once

#include <boost/asio/ssl.hpp>
#include <string>

#include "k8s-watch/kubeconfig.h"
#include "k8s-watch/url.h"
#include "net/asio.h"

namespace fairlead::k8s_watch {

/// Puts the CA of `access` in place of whatever `context` trusts (the system's CAs when `access`
/// has none), loads the client certificate, and refuses TLS before 1.2. Throws std::runtime_error.
void configure_tls(asio::ssl::context& context, const ApiAccess& access);

/// Tells one connection which server it must meet: SNI for names only, and the certificate must
/// carry the name or address.
void expect_server(SSL* ssl, const Url& url, const ApiAccess& access);

/// Why the handshake failed, for a log line: the verification's own words when that was the reason.
std::string handshake_error(SSL* ssl, const std::string& otherwise);

}  // namespace fairlead::k8s_watch
