#include "k8s-watch/url.h"

#include <algorithm>
#include <stdexcept>

#include "dns/address.h"
#include "net/endpoint.h"

namespace fairlead::k8s_watch {
namespace {

// What a URL is of, and its text.
struct Place {
  std::string_view peer, text;
};

[[noreturn]] void fail(const Place& place, const char* why) {
  throw std::runtime_error(std::string(place.peer) + " URL \"" + std::string(place.text) +
                           "\": " + why);
}

net::HostPort split_authority(std::string_view authority, const Place& place) {
  const auto parts = net::split_host_port(authority);
  if (!parts)
    fail(place, authority.find(']') == std::string_view::npos
                    ? "a bracket is not closed"
                    : "unexpected text behind the bracket");
  if (!parts->brackets && parts->host.find(':') != std::string_view::npos)
    fail(place, "an IPv6 address needs brackets");
  return *parts;
}

bool usable_host(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._:").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

}  // namespace

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Url parse_url(std::string_view text, std::string_view peer) {
  const Place place{peer, text};
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    url.tls = false;
  } else if (rest.find("://") != std::string_view::npos) {
    fail(place, "the scheme must be http or https");
  }
  const size_t path = std::min(rest.find_first_of("/?#"), rest.size());
  // What is in front of it may be a password, which belongs in no log.
  if (const size_t at = rest.substr(0, path).rfind('@'); at != std::string_view::npos)
    fail({peer, rest.substr(at)}, "a user name or password is not supported");
  const auto [host, port, brackets] = split_authority(rest.substr(0, path), place);
  if (!usable_host(host)) fail(place, "the host is missing or not a name or address");
  url.host = host;
  url.literal = dns::IpAddress::from_text(host).has_value();
  url.path = rest.substr(path);
  if (url.path.find_first_of("?# \r\n") != std::string::npos)
    fail(place, "only a path may follow the host");
  while (url.path.ends_with('/')) url.path.pop_back();
  url.port = url.tls ? 443 : 80;
  if (port && !port->empty()) url.port = net::parse_port(*port).value_or(0);
  if (url.port == 0) fail(place, "bad port");
  return url;
}

std::string encode_query(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += static_cast<char>(c);
    } else {
      out += {'%', kHex[c >> 4], kHex[c & 15]};
    }
  }
  return out;
}

}  // namespace fairlead::k8s_watch
