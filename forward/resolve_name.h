// The addresses of an upstream that the configuration names by host name. Blocks: for the control
// thread, while it reads a configuration.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "dns/address.h"
#include "net/endpoint.h"

namespace fairlead::forward {

/// The IPv4 and IPv6 addresses of `host`, which is absolute: no search list is tried, in the order
/// in which they were told, each once. Asks `resolvers` over UDP, one after the other and all of
/// them twice, `timeout` each; without resolvers the system's (getaddrinfo(3), /etc/hosts
/// included). Throws std::runtime_error saying what is wrong with which host when there is no
/// address.
std::vector<dns::IpAddress> resolve_name(
    const std::string& host, std::span<const net::Endpoint> resolvers,
    std::chrono::milliseconds timeout = std::chrono::seconds(2));

}  // namespace fairlead::forward
