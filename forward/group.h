// The upstreams of one `forward` line, as all workers share them: settings, health, counters.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forward/outage.h"
#include "forward/settings.h"
#include "net/duration_buckets.h"

namespace fairlead::forward {

/// What is exported of one upstream, summed over the workers at the moment of reading.
struct UpstreamTotals {
  static constexpr size_t kDurationBuckets = net::kDurationBounds + 1;

  struct Requests {
    uint16_t rcode = 0;
    std::array<uint64_t, kDurationBuckets> count{};  // not cumulative
    uint64_t nanoseconds = 0;                        // sum
  };

  std::string to;                  // "10.0.0.2:53": the label of CoreDNS's proxy metrics
  std::vector<Requests> requests;  // by rcode, those that were seen
  uint64_t healthcheck_failures = 0;
  uint64_t udp_cache_hits = 0, udp_cache_misses = 0;  // coredns_proxy_conn_cache_…{proto}
  uint64_t tcp_cache_hits = 0, tcp_cache_misses = 0;
  uint64_t tls_cache_hits = 0, tls_cache_misses = 0;
  uint64_t https_cache_hits = 0, https_cache_misses = 0;
  std::array<uint64_t, 9> ignored{};  // replies not taken, by dns::ResponseFault
  uint64_t retries = 0;               // questions this upstream left to another one
  bool down = false;
  std::optional<Outage::Since> outage;  // while it is down
  uint64_t latency_nanoseconds = 0;     // smoothed
};

class Group;
class UpstreamSessions;  // forward/tls.h

/// Makes a group for `workers` workers. Reads the TLS files; throws std::runtime_error with the
/// file's name when one cannot be used. `listener` hears of each upstream; it must outlive the
/// workers. `sessions` is where TLS sessions are shared with other groups; null: nowhere. Any
/// thread.
std::shared_ptr<Group> make_group(Settings settings, size_t workers,
                                  const HealthListener& listener = {},
                                  UpstreamSessions* sessions = nullptr);

const Settings& settings_of(const Group& group);

/// Any thread.
struct GroupTotals {
  std::vector<UpstreamTotals> upstreams;
  uint64_t healthcheck_broken = 0;      // all were down and one was tried all the same
  uint64_t max_concurrent_rejects = 0;  // questions over max_concurrent
};
GroupTotals totals(const Group& group);

}  // namespace fairlead::forward
