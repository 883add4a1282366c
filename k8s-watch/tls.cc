#include "k8s-watch/tls.h"

namespace fairlead::k8s_watch {

std::shared_ptr<const net::TlsContext> make_tls(const ApiAccess& access) {
  return net::TlsContext::client({
      .ca = {.text = access.ca_pem},
      .trust_intermediate = true,  // a cluster may hand out an intermediate as its CA
      .verify = !access.insecure,
      .certificate = {.text = access.cert_pem},
      .key = {.text = access.key_pem},
      .peer = access.peer,
  });
}

const std::string& server_of(const Url& url, const ApiAccess& access) {
  return access.server_name.empty() ? url.host : access.server_name;
}

}  // namespace fairlead::k8s_watch
