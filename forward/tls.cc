#include "forward/tls.h"

#include <string>
#include <utility>
#include <vector>

namespace fairlead::forward {

net::ClientTls client_tls(const TlsSettings& settings) {
  return {
      .ca = {.file = settings.ca},
      .common_name = true,
      .certificate = {.file = settings.cert},
      .key = {.file = settings.key},
      .alpn = {"dot"},
      .peer = "upstream",
  };
}

std::shared_ptr<const net::TlsContext> make_tls_context(const TlsSettings& settings,
                                                        Transport transport) {
  net::ClientTls client = client_tls(settings);
  if (transport == Transport::Https) client.alpn = {"h2", "http/1.1"};
  return net::TlsContext::client(client);
}

std::shared_ptr<net::ResumableSession> UpstreamSessions::of(const net::TlsContext& context,
                                                            const UpstreamSettings& upstream) {
  std::erase_if(all_, [](const Known& known) { return known.session.expired(); });
  for (const Known& known : all_) {
    if (known.client == context.identity() && known.upstream == upstream)
      return known.session.lock();
  }
  auto session = std::make_shared<net::ResumableSession>();
  all_.push_back({context.identity(), upstream, session});
  return session;
}

TlsClient::TlsClient(std::shared_ptr<const net::TlsContext> context,
                     const UpstreamSettings& upstream,
                     std::shared_ptr<net::ResumableSession> session)
    : context_(std::move(context)),
      server_name_(upstream.server_name.empty() ? upstream.address.to_text()
                                                : upstream.server_name),
      session_(session != nullptr ? std::move(session)
                                  : std::make_shared<net::ResumableSession>()) {}

std::unique_ptr<net::TlsSession> TlsClient::connect() const {
  return std::make_unique<net::TlsSession>(*context_, server_name_, session_);
}

}  // namespace fairlead::forward
