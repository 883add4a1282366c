#include "forward/tls.h"

#include <string>
#include <utility>
#include <vector>

namespace fairlead::forward {

std::shared_ptr<const net::TlsContext> make_tls_context(const TlsSettings& settings,
                                                        Transport transport) {
  std::vector<std::string> alpn{"dot"};
  if (transport == Transport::Https) alpn = {"h2", "http/1.1"};
  return net::TlsContext::client({
      .ca = {.file = settings.ca},
      .common_name = true,
      .certificate = {.file = settings.cert},
      .key = {.file = settings.key},
      .alpn = std::move(alpn),
      .peer = "upstream",
  });
}

TlsClient::TlsClient(std::shared_ptr<const net::TlsContext> context,
                     const UpstreamSettings& upstream)
    : context_(std::move(context)),
      server_name_(upstream.server_name.empty() ? upstream.address.to_text()
                                                : upstream.server_name),
      session_(std::make_shared<net::ResumableSession>()) {}

std::unique_ptr<net::TlsSession> TlsClient::connect() const {
  return std::make_unique<net::TlsSession>(*context_, server_name_, session_);
}

}  // namespace fairlead::forward
