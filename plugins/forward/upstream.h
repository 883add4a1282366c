// Destinations of the forward directive as they are written: addresses, names, resolv.conf files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plugins/forward/setup.h"

namespace fairlead::plugins::forward {

// What one TO word stands for: one upstream, or those of a file. Throws std::invalid_argument with
// CoreDNS's words.
std::vector<Upstream> parse_upstream(const std::string& text, const corefile::Context& context);

// ADDRESS, ADDRESS:PORT, [ADDRESS] or [ADDRESS]:PORT: a server, at port 53 if nothing is said.
std::optional<net::Endpoint> parse_resolver(const std::string& text);

// HOST:PORT, an IPv6 address in brackets.
std::string host_and_port(const Upstream& upstream);

// The addresses of `nameserver` lines.
std::vector<std::string> nameservers(std::string_view resolv_conf);

}  // namespace fairlead::plugins::forward
