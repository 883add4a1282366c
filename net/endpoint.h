// Addresses with ports: who talks to whom, and where to listen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dns/address.h"

namespace fairlead::net {

/// One end of a conversation.
struct Endpoint {
  dns::IpAddress address;
  uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// "10.0.0.1:53", "[2001:db8::1]:53".
std::string to_text(const Endpoint& endpoint);

/// A server that a configuration names.
struct ServerEndpoint : Endpoint {
  std::string scope;  // the interface of a link-local IPv6 address, else empty

  friend bool operator==(const ServerEndpoint&, const ServerEndpoint&) = default;
  friend auto operator<=>(const ServerEndpoint&, const ServerEndpoint&) = default;
};

/// "10.0.0.1:53", "[fe80::1%eth0]:53".
std::string to_text(const ServerEndpoint& server);

/// A port in decimal digits and nothing else; 0 is one.
std::optional<uint16_t> parse_port(std::string_view text);

/// HOST, HOST:PORT, [HOST] or [HOST]:PORT taken apart; views of the text.
struct HostPort {
  std::string_view host;  // may be empty; without brackets it is all of a text with several colons
  std::optional<std::string_view> port;
  bool brackets = false;
};

/// Nothing when a bracket is not closed, or when more than a port follows it.
std::optional<HostPort> split_host_port(std::string_view text);

/// ADDRESS or ADDRESS:PORT, in brackets or not, an IPv6 address with %SCOPE behind it or not.
/// Nothing for what is neither.
std::optional<ServerEndpoint> parse_server(std::string_view text, uint16_t default_port);

/// Who asked and at which address: where a reply goes, and from where.
struct Peers {
  Endpoint client;
  Endpoint local;         // the address that was asked, not the wildcard
  uint32_t listener = 0;  // which listening address of the configuration
  uint32_t scope_id = 0;  // the interface of a link-local IPv6 client
};

/// Where to listen.
struct ListenAddress {
  dns::IpAddress address;  // not read when `wildcard`
  uint16_t port = 53;      // 0: a free port, the same for UDP and TCP
  bool wildcard = false;   // every local address of both families
  std::string scope;       // the interface of a link-local IPv6 address, else empty

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
  friend auto operator<=>(const ListenAddress&, const ListenAddress&) = default;

  /// "10.0.0.1:53", "[fe80::1%eth0]:53", ":53" for the wildcard.
  [[nodiscard]] std::string to_text() const;

  /// "10.0.0.1", "fe80::1%eth0"; empty for the wildcard.
  [[nodiscard]] std::string host() const;
};

}  // namespace fairlead::net
