#include "forward/tls.h"

namespace fairlead::forward {
namespace {

net::ClientTls client_tls(const TlsSettings& settings) {
  return {
      .ca = {.file = settings.ca},
      .common_name = true,
      .certificate = {.file = settings.cert},
      .key = {.file = settings.key},
      .peer = "upstream",
  };
}

}  // namespace

TlsClient::TlsClient(const TlsSettings& settings, const UpstreamSettings& upstream)
    : context_(net::TlsContext::client(client_tls(settings))),
      server_name_(upstream.server_name.empty() ? upstream.address.to_text()
                                                : upstream.server_name),
      session_(std::make_shared<net::ResumableSession>()) {}

std::unique_ptr<net::TlsSession> TlsClient::connect() const {
  return std::make_unique<net::TlsSession>(*context_, server_name_, session_);
}

}  // namespace fairlead::forward
