// TLS towards an API server: which certificates are trusted, shown and expected.
#pragma once

#include <memory>
#include <string>

#include "k8s-watch/kubeconfig.h"
#include "k8s-watch/url.h"
#include "net/tls_context.h"

namespace fairlead::k8s_watch {

/// Trusts the CA of `access`, or the system's when it has none, and shows its client certificate.
/// Throws std::runtime_error.
std::shared_ptr<const net::TlsContext> make_tls(const ApiAccess& access);

/// The name or address that the server's certificate must carry.
const std::string& server_of(const Url& url, const ApiAccess& access);

}  // namespace fairlead::k8s_watch
