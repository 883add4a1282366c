// Destinations of the forward directive as they are written: addresses, names, resolv.conf files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plugins/forward/setup.h"

namespace fairlead::plugins::forward {

// What one TO word stands for: one upstream, or those of a file; lines of the file that are passed
// over are added to `warnings`. Throws std::invalid_argument with CoreDNS's words.
std::vector<Upstream> parse_upstream(const std::string& text, const corefile::Context& context,
                                     std::vector<std::string>& warnings);

// ADDRESS, ADDRESS:PORT, [ADDRESS] or [ADDRESS]:PORT: a server, at port 53 if nothing is said.
std::optional<net::Endpoint> parse_resolver(const std::string& text);

// HOST:PORT, an IPv6 address in brackets.
std::string host_and_port(const Upstream& upstream);

// The same behind tls:// or https://, if it is asked that way.
std::string url_of(const Upstream& upstream);

// What resolv.conf(5) says: addresses of its `nameserver` lines, and the lines that mean nothing.
struct ResolvConf {
  std::vector<std::string> servers;  // with the scope behind '%'
  struct PassedOver {
    size_t line = 0;  // from 1
    std::string why;
  };
  std::vector<PassedOver> passed_over;
};
ResolvConf read_resolv_conf(std::string_view text);

}  // namespace fairlead::plugins::forward
