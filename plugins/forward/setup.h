// The forward directive: which names go to which upstreams, and how.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "forward/settings.h"
#include "net/endpoint.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::forward {

using fairlead::forward::HealthCheck;
using fairlead::forward::kMaxUpstreams;
using fairlead::forward::Policy;
using fairlead::forward::TlsSettings;
using fairlead::forward::Transport;

struct Upstream {
  Transport transport = Transport::Dns;
  std::string host;         // IP address in text form, or a host name when is_name
  std::string scope;        // of a link-local IPv6 address
  uint16_t port = 53;       // 853 for TLS, 443 for HTTPS
  std::string server_name;  // TLS and HTTPS: the one of this upstream
  bool is_name = false;     // to be resolved at start
  friend bool operator==(const Upstream&, const Upstream&) = default;
};

struct Options {
  std::vector<std::string> from;         // zones; several for a CIDR off a boundary
  std::vector<std::string> except;       // zones
  std::vector<Upstream> upstreams;       // 1 to kMaxUpstreams, files already read
  fairlead::forward::Settings settings;  // all but its upstreams
  std::string tls_server_name;           // of all upstreams with TLS
  std::vector<net::Endpoint> resolvers;  // who resolves upstreams given by name
  std::vector<uint16_t> next;  // rcodes that pass the query to the next forward; none in the last
  bool next_on_nodata = false;
  friend bool operator==(const Options&, const Options&) = default;
};

// A name of miekg/dns, in any case. Throws corefile::ConfigError.
uint16_t rcode_at(const corefile::Cursor& cursor, const std::string& word);

// The rest of the line, at least one word; what stands twice counts once. Throws
// corefile::ConfigError.
std::vector<Upstream> parse_upstreams(corefile::Cursor& cursor, const corefile::Context& context);

// One entry per use, in file order. Throws corefile::ConfigError.
std::vector<Options> parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::forward
