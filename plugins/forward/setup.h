// The forward directive: which names go to which upstreams, and how.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::forward {

enum class Transport { Dns, Tls };
// Fastest is Fairlead's own: the upstream with the lowest recent latency and loss first.
enum class Policy { Random, RoundRobin, Sequential, Fastest };

struct Upstream {
  Transport transport = Transport::Dns;
  std::string host;         // IP address in text form, or a host name when is_name
  std::string scope;        // of a link-local IPv6 address
  uint16_t port = 53;       // 853 for TLS
  std::string server_name;  // TLS: the one of this upstream, else Options::tls_server_name
  bool is_name = false;     // to be resolved at start
  friend bool operator==(const Upstream&, const Upstream&) = default;
};

struct HealthCheck {
  std::chrono::nanoseconds interval = std::chrono::milliseconds(500);
  bool recursion_desired = true;
  std::string domain = ".";
  friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

struct Tls {
  bool set = false;
  std::string cert, key, ca;  // files
  std::string server_name;
  friend bool operator==(const Tls&, const Tls&) = default;
};

struct Options {
  std::vector<std::string> from;    // zones; several for a CIDR off a boundary
  std::vector<std::string> except;  // zones
  std::vector<Upstream> upstreams;  // 1 to kMaxUpstreams, files already read
  bool force_tcp = false;
  bool prefer_udp = false;
  Policy policy = Policy::Random;
  std::chrono::nanoseconds expire = std::chrono::seconds(10);
  std::chrono::nanoseconds max_age{};  // 0: no limit
  int64_t max_idle_connections = 0;    // 0: no limit
  std::chrono::nanoseconds read_timeout = std::chrono::seconds(2);
  uint32_t max_fails = 2;  // 0: never down
  HealthCheck health_check;
  int64_t max_connect_attempts = -1;  // -1: twice the upstreams; 0: no cap
  bool fail_fast_all_unhealthy = false;
  int64_t max_concurrent = 0;  // 0: no limit
  std::vector<uint16_t> next;  // rcodes that pass the query to the next forward; none in the last
  bool next_on_nodata = false;
  std::vector<uint16_t> failover;  // rcodes that pass it to another upstream
  Tls tls;
  bool doh_get = false;
  std::string source_address;
  std::vector<std::string> resolvers;  // who resolves upstreams given by name: see parse_resolver()
  friend bool operator==(const Options&, const Options&) = default;
};

inline constexpr size_t kMaxUpstreams = 15;

// One entry per use, in file order. Throws corefile::ConfigError.
std::vector<Options> parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::forward
