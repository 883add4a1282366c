// What one `forward` line asks for, with everything read and resolved.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dns/address.h"

namespace fairlead::forward {

inline constexpr size_t kMaxUpstreams = 15;

/// Of one question, whatever is tried meanwhile; as CoreDNS.
inline constexpr std::chrono::seconds kQuestionTime{5};

enum class Transport : uint8_t { Dns, Tls, Https };

/// What a query travels by; conn_cache metrics speak of these.
enum class Proto : uint8_t { Udp, Tcp, Tls, Https };
inline constexpr size_t kProtos = 4;

/// Fastest is Fairlead's own: the upstream with the lowest recent latency and loss first.
enum class Policy : uint8_t { Random, RoundRobin, Sequential, Fastest };

struct UpstreamSettings {
  Transport transport = Transport::Dns;
  dns::IpAddress address;
  std::string scope;  // interface of a link-local IPv6 address
  uint16_t port = 53;
  std::string server_name;  // TLS: SNI and the name the certificate must have, and HTTP's host;
                            // empty: the address

  friend bool operator==(const UpstreamSettings&, const UpstreamSettings&) = default;
};

struct HealthCheck {
  std::chrono::nanoseconds interval = std::chrono::milliseconds(500);
  bool recursion_desired = true;
  std::string domain = ".";

  friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

struct TlsSettings {
  std::string cert, key, ca;  // PEM files; empty: no client certificate, the system's CAs

  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

/// The options of coredns' forward plugin, in its words and with its defaults.
struct Settings {
  std::vector<UpstreamSettings> upstreams;
  bool force_tcp = false;
  bool prefer_udp = false;
  Policy policy = Policy::Random;
  std::chrono::nanoseconds expire = std::chrono::seconds(10);       // of an idle connection
  std::chrono::nanoseconds max_age{};                               // of a connection; 0: no limit
  size_t max_idle_connections = 0;                                  // per upstream; 0: no limit
  std::chrono::nanoseconds read_timeout = std::chrono::seconds(2);  // of one attempt
  uint32_t max_fails = 2;  // an upstream is down when more fail in a row; 0: never
  HealthCheck health_check;
  int64_t max_connect_attempts = -1;  // -1: twice the upstreams; 0: no cap
  bool fail_fast_all_unhealthy = false;
  size_t max_concurrent = 0;       // over all workers; 0: no limit
  std::vector<uint16_t> failover;  // rcodes that another upstream is asked for instead
  TlsSettings tls;
  bool doh_get = false;  // https:// upstreams are asked by GET, not by POST
  std::optional<dns::IpAddress> source_address;

  friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace fairlead::forward
