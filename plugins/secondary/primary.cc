#include "plugins/secondary/primary.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace fairlead::plugins::secondary {
namespace {

constexpr uint16_t kDnsPort = 53;
constexpr uint16_t kTlsPort = 853;
constexpr std::string_view kTlsScheme = "tls://";

}  // namespace

std::string to_text(const Primary& primary) {
  return (primary.has_tls ? std::string(kTlsScheme) : "") + net::to_text(primary.endpoint);
}

std::string to_text(const Primaries& primaries) {
  std::string text;
  for (const Primary& primary : primaries) text += (text.empty() ? "" : ", ") + to_text(primary);
  return text;
}

Primary primary_at(const corefile::Cursor& cursor, const std::string& word) {
  if (word == "*") throw cursor.error("can't use '*' in transfer from");
  Primary primary{.endpoint = {}, .has_tls = word.starts_with(kTlsScheme), .server_name = {}};
  std::string host = primary.has_tls ? word.substr(kTlsScheme.size()) : word;
  const bool whole = !primary.has_tls || take_suffix(host, primary.server_name);
  const auto server = net::parse_server(host, primary.has_tls ? kTlsPort : kDnsPort);
  if (!whole || !server || server->port == 0)
    throw cursor.error("must specify an IP address: `" + word + "'");
  primary.endpoint = *server;
  return primary;
}

bool has_tls(const Primaries& primaries) {
  return std::ranges::any_of(primaries, &Primary::has_tls);
}

std::shared_ptr<const net::TlsContext> transfer_context(
    const fairlead::forward::TlsSettings& settings) {
  net::ClientTls client = fairlead::forward::client_tls(settings);
  client.min_version = TLS1_3_VERSION;
  client.peer = "primary";
  return net::TlsContext::client(client);
}

PrimaryTls::PrimaryTls(Primaries primaries, fairlead::forward::TlsSettings settings, TlsFiles seen,
                       fairlead::forward::UpstreamSessions& sessions)
    : primaries_(std::move(primaries)), settings_(std::move(settings)), seen_(std::move(seen)) {
  const auto context = transfer_context(settings_);
  for (const Primary& primary : primaries_) {
    if (!primary.has_tls) {
      clients_.push_back(nullptr);
      continue;
    }
    const fairlead::forward::UpstreamSettings upstream{
        .transport = fairlead::forward::Transport::Tls,
        .address = primary.endpoint.address,
        .scope = {},
        .port = primary.endpoint.port,
        .server_name = primary.server_name};
    clients_.push_back(std::make_unique<fairlead::forward::TlsClient>(
        context, upstream, sessions.of(*context, upstream)));
  }
}

std::unique_ptr<net::TlsSession> PrimaryTls::connect(size_t number) const {
  const auto& client = clients_[number];
  return client ? client->connect() : nullptr;
}

}  // namespace fairlead::plugins::secondary
