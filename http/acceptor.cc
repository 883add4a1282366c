#include "http/acceptor.h"

#include <netdb.h>

#include <cstdint>
#include <cstring>
#include <optional>

#include "net/endpoint.h"
#include "net/socket_address.h"

namespace fairlead::http {

using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::optional<tcp::endpoint> resolve(const std::string& host, uint16_t port, std::string& why) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const char* node = host.empty() ? nullptr : host.c_str();
  const std::string service = std::to_string(port);
  if (const int failure = getaddrinfo(node, service.c_str(), &hints, &list);
      failure != 0 || list == nullptr) {
    why = failure != 0 ? gai_strerror(failure) : "no address";
    return std::nullopt;
  }
  const int wanted = host.empty() ? AF_INET6 : AF_INET;
  const addrinfo* chosen = list;
  for (const addrinfo* a = list; a != nullptr; a = a->ai_next) {
    if (a->ai_family != wanted) continue;
    chosen = a;
    break;
  }
  tcp::endpoint endpoint;
  endpoint.resize(chosen->ai_addrlen);
  std::memcpy(endpoint.data(), chosen->ai_addr, chosen->ai_addrlen);
  freeaddrinfo(list);
  return endpoint;
}

error_code open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (endpoint.protocol() == tcp::v6()) {
    const bool any = endpoint.address().is_unspecified();
    acceptor.set_option(asio::ip::v6_only(!any), error);
  }
  acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
  }
  return error;
}

}  // namespace

std::variant<tcp::endpoint, std::string> look_up(const std::string& address) {
  const std::string listen = "listen tcp " + address + ": ";
  const auto parts = net::split_host_port(address);
  if (!parts || !parts->port) return listen + "missing port in address";
  const auto port = parts->port->empty() ? uint16_t{0} : net::parse_port(*parts->port);
  if (!port) return listen + "invalid port";
  std::string why;
  const auto endpoint = resolve(std::string(parts->host), *port, why);
  if (!endpoint) return listen + why;
  return *endpoint;
}

std::string listen_at(const tcp::endpoint& endpoint, const std::string& address,
                      tcp::acceptor& acceptor) {
  error_code error = open(acceptor, endpoint);
  const bool any = endpoint.address().is_unspecified();
  if (error == asio::error::address_family_not_supported && any)
    error = open(acceptor, tcp::endpoint(tcp::v4(), endpoint.port()));
  if (!error) return {};
  return "listen tcp " + address + ": bind: " + net::error_text(error.value());
}

}  // namespace fairlead::http
