#include "net/endpoint.h"

#include <charconv>

namespace fairlead::net {

std::string to_text(const Endpoint& endpoint) {
  const std::string address = endpoint.address.to_text();
  const std::string port = std::to_string(endpoint.port);
  return endpoint.address.is_v6() ? "[" + address + "]:" + port : address + ":" + port;
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

std::string ListenAddress::host() const {
  if (wildcard) return {};
  return scope.empty() ? address.to_text() : address.to_text() + "%" + scope;
}

std::string ListenAddress::to_text() const {
  const bool brackets = !wildcard && address.is_v6();
  return (brackets ? "[" + host() + "]" : host()) + ":" + std::to_string(port);
}

}  // namespace fairlead::net
