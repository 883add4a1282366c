// What a running server's /metrics say of its upstreams.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/endpoint.h"

namespace fairlead::explain {

struct UpstreamHealth {
  std::string to;              // "10.0.0.2:53"
  std::optional<bool> down;    // none: the server does not say it (CoreDNS)
  double down_seconds = 0;     // 0: up, or the server does not say it
  std::string reason;          // of one that is down: how the last question failed
  double latency_seconds = 0;  // 0: not known
  double failed_checks = 0;    // since the server started
};

/// Those of a scrape in Prometheus' text format, by name; at most 64. Any text will do.
std::vector<UpstreamHealth> read_upstreams(std::string_view metrics);

/// One line for each of `upstreams` that `explanation` names (all, when it is empty).
std::vector<std::string> health_lines(const std::vector<UpstreamHealth>& upstreams,
                                      std::string_view explanation);

/// Where /metrics of the server at `server` are, when its Corefile says `address`
/// ("localhost:9153",
/// ":9153"; empty: that is not known). None: they cannot be reached there, but on its own machine.
std::optional<net::Endpoint> metrics_of(const net::Endpoint& server, const std::string& address);

struct Scrape {
  std::string text;
  std::string trouble;  // why there is none
};

/// Asks for /metrics. Blocks; does not throw.
Scrape scrape(const net::Endpoint& at, std::chrono::milliseconds patience);

}  // namespace fairlead::explain
