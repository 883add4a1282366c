#include "net/endpoint.h"

namespace fairlead::net {

std::string to_text(const Endpoint& endpoint) {
  const std::string address = endpoint.address.to_text();
  const std::string port = std::to_string(endpoint.port);
  return endpoint.address.is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

std::string ListenAddress::to_text() const {
  if (wildcard) return ":" + std::to_string(port);
  const std::string host = scope.empty() ? address.to_text() : address.to_text() + "%" + scope;
  return (address.is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace fairlead::net
