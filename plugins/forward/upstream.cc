#include "plugins/forward/upstream.h"

#include <algorithm>
#include <stdexcept>

#include "corefile/key.h"
#include "dns/printable.h"
#include "net/endpoint.h"
#include "plugins/client_tls.h"
#include "plugins/text_lines.h"

namespace fairlead::plugins::forward {
namespace {

constexpr uint16_t kDnsPort = 53;
constexpr uint16_t kTlsPort = 853;
constexpr uint16_t kHttpsPort = 443;
constexpr size_t kMostWarnings = 20;  // of a file that is no resolv.conf at all
constexpr size_t kMostShown = 64;     // octets of a word

uint16_t default_port(Transport transport) {
  switch (transport) {
    case Transport::Dns:
      return kDnsPort;
    case Transport::Tls:
      return kTlsPort;
    case Transport::Https:
      return kHttpsPort;
  }
  return kDnsPort;
}

// Takes SCHEME:// off the text.
Transport take_transport(std::string_view& text) {
  const std::string_view whole = text;
  const size_t end = text.find("://");
  if (end == std::string_view::npos) return Transport::Dns;
  const std::string_view scheme = text.substr(0, end);
  text.remove_prefix(end + 3);
  if (scheme == "dns") return Transport::Dns;
  if (scheme == "tls") return Transport::Tls;
  if (scheme == "https") {
    if (text.find('/') == std::string_view::npos) return Transport::Https;
    throw std::invalid_argument(
        "paths are not allowed in HTTPS upstream addresses (the /dns-query path is used by "
        "default): " +
        std::string(whole));
  }
  constexpr std::string_view kLater[] = {"https3", "quic", "grpc"};
  const bool later = std::find(std::begin(kLater), std::end(kLater), scheme) != std::end(kLater);
  const char* const yet = later ? "supported yet" : "supported";
  const char* const read_on = later ? "; docs/migrate.md says what to do" : "";
  throw std::invalid_argument("'" + std::string(scheme) + "' is not " + yet +
                              " as a destination protocol in forward: " + std::string(whole) +
                              read_on);
}

// Takes a final :PORT off HOST:PORT or [HOST]:PORT, and the brackets off either form. A bare IPv6
// address has no port.
bool split_port(std::string_view& host, uint16_t& port) {
  const auto parts = net::split_host_port(host);
  if (!parts) return false;
  host = parts->host;
  if (!parts->port) return true;
  port = net::parse_port(*parts->port).value_or(0);
  return port != 0;
}

// A name whose last label is a number is a mistyped address (RFC 1123 §2.1).
bool is_host_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::string_view last = name.substr(name.rfind('.') + 1);
  return corefile::is_preferred_name(name) && corefile::is_domain_name(name) && !last.empty() &&
         last.find_first_not_of("0123456789") != std::string_view::npos;
}

// `text` without scheme: an address or, when `names` says so, a host name. False when it is
// neither.
bool parse_host(std::string_view text, bool names, Upstream& upstream) {
  // tls://9.9.9.9%dns.quad9.net names the certificate's owner; fe80::1%eth0 a link.
  std::string whole(text);
  const bool is_plain = upstream.transport == Transport::Dns;
  if (!take_suffix(whole, is_plain ? upstream.scope : upstream.server_name)) return false;
  upstream.port = default_port(upstream.transport);
  std::string_view host = whole;
  if (!split_port(host, upstream.port)) return false;
  upstream.host = std::string(host);
  upstream.is_name = !corefile::is_ip_address(upstream.host);
  if (!upstream.is_name) return true;
  return names && is_host_name(host) && upstream.scope.empty();
}

constexpr std::string_view kBlank = " \t\r";

// In a resolv.conf, % is always a scope.
std::string without_scope(std::string_view server) {
  return std::string(server.substr(0, server.find('%')));
}

// Empty, or why a line that is no comment says nothing to anybody.
std::string read_line(std::string_view line, std::vector<std::string>& servers) {
  const std::string_view keyword = take_word(line, kBlank);
  if (keyword == "nameserver") {
    const std::string server(take_word(line, kBlank));
    if (server.empty()) return "'nameserver' without an address";
    if (!corefile::is_ip_address(without_scope(server)))
      return "'" + dns::printable(server, kMostShown) + "' is not an IP address";
    servers.push_back(server);
    return {};
  }
  constexpr std::string_view kKnown[] = {"domain",  "search", "sortlist",
                                         "options", "family", "lookup"};
  const bool known = std::find(std::begin(kKnown), std::end(kKnown), keyword) != std::end(kKnown);
  return known ? std::string() : "unknown keyword '" + dns::printable(keyword, kMostShown) + "'";
}

std::vector<Upstream> from_file(const ResolvConf& file, Transport transport) {
  std::vector<Upstream> upstreams;
  for (const std::string& server : file.servers) {
    Upstream upstream;
    upstream.transport = transport;
    upstream.host = without_scope(server);
    const size_t percent = server.find('%');
    if (percent != std::string::npos) upstream.scope = server.substr(percent + 1);
    upstream.port = default_port(transport);
    upstreams.push_back(std::move(upstream));
  }
  return upstreams;
}

}  // namespace

ResolvConf read_resolv_conf(std::string_view text) {
  ResolvConf file;
  for (size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    const size_t first = line.find_first_not_of(kBlank);
    if (first == std::string_view::npos || line[first] == '#' || line[first] == ';') continue;
    std::string why = read_line(line, file.servers);
    if (!why.empty()) file.passed_over.push_back({number, std::move(why)});
  }
  return file;
}

std::vector<Upstream> parse_upstream(const std::string& text, const corefile::Context& context,
                                     std::vector<std::string>& warnings) {
  std::string_view host = text;
  Upstream upstream;
  upstream.transport = take_transport(host);
  Upstream address = upstream;
  if (parse_host(host, false, address)) return {address};
  if (context.files != nullptr && !host.empty() && host.find('\0') == std::string_view::npos) {
    const std::string path = corefile::rooted_path(context, std::string(host));
    const std::optional<corefile::FileText> file = context.files->read(path);
    if (file && !file->error.empty())
      throw std::invalid_argument("could not read " + path + ": " + file->error);
    if (file) {
      const ResolvConf read = read_resolv_conf(file->text);
      for (const ResolvConf::PassedOver& line : read.passed_over) {
        if (warnings.size() == kMostWarnings) break;
        warnings.push_back(path + ":" + std::to_string(line.line) + ": " + line.why +
                           ", the line is passed over");
      }
      return from_file(read, upstream.transport);
    }
  }
  if (parse_host(host, true, upstream)) return {upstream};
  throw std::invalid_argument("not an IP address, file, or valid domain: \"" + text + "\"");
}

std::optional<net::Endpoint> parse_resolver(const std::string& text) {
  std::string_view host = text;
  uint16_t port = kDnsPort;
  if (!split_port(host, port)) return std::nullopt;
  const auto address = dns::IpAddress::from_text(host);
  return address ? std::optional(net::Endpoint{*address, port}) : std::nullopt;
}

std::string host_and_port(const Upstream& upstream) {
  const bool v6 = upstream.host.find(':') != std::string::npos;
  return (v6 ? "[" + upstream.host + "]" : upstream.host) + ":" + std::to_string(upstream.port);
}

std::string url_of(const Upstream& upstream) {
  switch (upstream.transport) {
    case Transport::Dns:
      break;
    case Transport::Tls:
      return "tls://" + host_and_port(upstream);
    case Transport::Https:
      return "https://" + host_and_port(upstream);
  }
  return host_and_port(upstream);
}

}  // namespace fairlead::plugins::forward
