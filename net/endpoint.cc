#include "net/endpoint.h"

#include <charconv>

namespace fairlead::net {

std::string to_text(const Endpoint& endpoint) {
  const std::string address = endpoint.address.to_text();
  const std::string port = std::to_string(endpoint.port);
  return endpoint.address.is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

std::string to_text(const ServerEndpoint& server) {
  const Endpoint& endpoint = server;
  if (server.scope.empty()) return to_text(endpoint);
  return "[" + server.address.to_text() + "%" + server.scope + "]:" + std::to_string(server.port);
}

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<HostPort> split_host_port(std::string_view text) {
  const bool brackets = text.starts_with('[');
  const size_t close = brackets ? text.find(']') : 0;
  if (close == std::string_view::npos) return std::nullopt;
  const size_t colon = text.find(':', close);
  const bool several = colon != text.rfind(':');
  if (!brackets && (several || colon == std::string_view::npos)) return HostPort{text, {}};
  if (!brackets) return HostPort{text.substr(0, colon), text.substr(colon + 1)};
  const std::string_view host = text.substr(1, close - 1);
  if (close + 1 == text.size()) return HostPort{host, {}, true};
  if (colon != close + 1 || several) return std::nullopt;
  return HostPort{host, text.substr(colon + 1), true};
}

std::optional<ServerEndpoint> parse_server(std::string_view text, uint16_t default_port) {
  const auto parts = split_host_port(text);
  if (!parts) return std::nullopt;
  const size_t percent = parts->host.find('%');
  const bool scoped = percent != std::string_view::npos;
  const auto address = dns::IpAddress::from_text(parts->host.substr(0, percent));
  const auto port = parts->port ? parse_port(*parts->port) : default_port;
  if (!address || !port) return std::nullopt;
  if (!scoped) return ServerEndpoint{{*address, *port}, {}};
  const std::string_view scope = parts->host.substr(percent + 1);
  if (scope.empty() || !address->is_v6()) return std::nullopt;
  return ServerEndpoint{{*address, *port}, std::string(scope)};
}

std::string ListenAddress::host() const {
  if (wildcard) return {};
  return scope.empty() ? address.to_text() : address.to_text() + "%" + scope;
}

std::string ListenAddress::to_text() const {
  const bool brackets = !wildcard && address.is_v6();
  return (brackets ? "[" + host() + "]" : host()) + ":" + std::to_string(port);
}

}  // namespace fairlead::net
