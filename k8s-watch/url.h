// The URL of an API server, taken apart (RFC 3986 §3, only what kubeconfig files use).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::k8s_watch {

struct Url {
  bool tls = true;
  std::string host;  // a name or an address, an IPv6 address without its brackets
  uint16_t port = 443;
  std::string path;      // without a slash at its end; empty for the root
  bool literal = false;  // host is an IPv4 or IPv6 address

  /// "host:port", an IPv6 address in brackets: the Host header, and how logs and metrics call the
  /// server.
  [[nodiscard]] std::string authority() const;
};

/// Reads "https://host[:port][/path]" or "http://…"; without a scheme it is https. Throws
/// std::runtime_error naming the text, and `peer` as what it is the URL of.
Url parse_url(std::string_view text, std::string_view peer = "API server");

/// `text` percent-encoded for the value of a query parameter.
std::string encode_query(std::string_view text);

}  // namespace fairlead::k8s_watch
