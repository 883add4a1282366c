#include "plugins/forward/metrics.h"

#include <numeric>
#include <string>
#include <vector>

#include "dns/response.h"
#include "dns/types.h"
#include "net/clock.h"

namespace fairlead::plugins::forward {
namespace {

using fairlead::forward::UpstreamTotals;
using metrics::add_seen;
using metrics::FamilySet;

constexpr double kNanosecondsPerSecond = 1e9;
constexpr char kProxyName[] = "forward";

std::vector<double> duration_bounds() {
  return metrics::exponential_bounds(static_cast<double>(net::kFirstDuration) / 1e9, 2,
                                     net::kDurationBounds);
}

std::string rcode_text(const UpstreamTotals::Requests& answered) {
  return dns::to_text(static_cast<dns::Rcode>(answered.rcode));
}

// What CoreDNS called these before 1.11; dashboards and alerts still ask for them.
void add_legacy(const UpstreamTotals& upstream, FamilySet& families) {
  const std::string& to = upstream.to;
  auto& duration = families.histogram(
      {"coredns_forward_request_duration_seconds",
       "coredns_proxy_request_duration_seconds under its name before CoreDNS 1.11.",
       {"to", "rcode"}},
      duration_bounds());
  auto& requests =
      families.counter({"coredns_forward_requests_total",
                        "Counter of requests made per upstream, as before CoreDNS 1.11.",
                        {"to"}});
  auto& responses =
      families.counter({"coredns_forward_responses_total",
                        "Counter of responses received per upstream, as before CoreDNS 1.11.",
                        {"to", "rcode"}});
  for (const auto& answered : upstream.requests) {
    const uint64_t count =
        std::accumulate(answered.count.begin(), answered.count.end(), uint64_t{0});
    duration.add({to, rcode_text(answered)}, answered.count,
                 static_cast<double>(answered.nanoseconds) / kNanosecondsPerSecond);
    add_seen(responses, {to, rcode_text(answered)}, count);
    add_seen(requests, {to}, count);
  }
  add_seen(families.counter(
               {"coredns_forward_healthcheck_failures_total",
                "coredns_proxy_healthcheck_failures_total under its name before CoreDNS 1.11.",
                {"to"}}),
           {to}, upstream.healthcheck_failures);
}

void add_connections(const UpstreamTotals& upstream, FamilySet& families) {
  auto& hits = families.counter({"coredns_proxy_conn_cache_hits_total",
                                 "Counter of connection cache hits per upstream and protocol.",
                                 {"proxy_name", "to", "proto"}});
  auto& misses = families.counter({"coredns_proxy_conn_cache_misses_total",
                                   "Counter of connection cache misses per upstream and protocol.",
                                   {"proxy_name", "to", "proto"}});
  const auto add = [&](const char* proto, uint64_t hit, uint64_t miss) {
    add_seen(hits, {kProxyName, upstream.to, proto}, hit);
    add_seen(misses, {kProxyName, upstream.to, proto}, miss);
  };
  add("udp", upstream.udp_cache_hits, upstream.udp_cache_misses);
  add("tcp", upstream.tcp_cache_hits, upstream.tcp_cache_misses);
  add("tcp-tls", upstream.tls_cache_hits, upstream.tls_cache_misses);
  add("https", upstream.https_cache_hits, upstream.https_cache_misses);
}

void add_requests(const UpstreamTotals& upstream, FamilySet& families) {
  auto& duration = families.histogram({"coredns_proxy_request_duration_seconds",
                                       "Histogram of the time each request took.",
                                       {"proxy_name", "to", "rcode"}},
                                      duration_bounds());
  for (const auto& answered : upstream.requests) {
    duration.add({kProxyName, upstream.to, rcode_text(answered)}, answered.count,
                 static_cast<double>(answered.nanoseconds) / kNanosecondsPerSecond);
  }
  add_seen(families.counter({"coredns_proxy_healthcheck_failures_total",
                             "Counter of the number of failed healthchecks.",
                             {"proxy_name", "to"}}),
           {kProxyName, upstream.to}, upstream.healthcheck_failures);
}

void add_own(const UpstreamTotals& upstream, FamilySet& families) {
  const std::string& to = upstream.to;
  auto& ignored = families.counter({"fairlead_forward_ignored_replies_total",
                                    "Replies of upstreams that were not taken, by reason.",
                                    {"to", "reason"}});
  for (size_t i = 0; i < upstream.ignored.size(); ++i)
    add_seen(ignored, {to, dns::to_text(static_cast<dns::ResponseFault>(i))}, upstream.ignored[i]);
  add_seen(families.counter({"fairlead_forward_retries_total",
                             "Questions that another upstream was asked as well, because this one "
                             "was slow or failed.",
                             {"to"}}),
           {to}, upstream.retries);
  families.gauge({"fairlead_forward_upstream_down", "1 while an upstream counts as down.", {"to"}})
      .set({to}, upstream.down ? 1 : 0);
  if (const auto& outage = upstream.outage) {
    families
        .gauge({"fairlead_forward_upstream_down_seconds",
                "How long an upstream has been down, and how the last question to it failed.",
                {"to", "reason"}})
        .set({to, outage->why}, metrics::seconds(net::Clock::now() - outage->began));
  }
  families
      .gauge(
          {"fairlead_forward_upstream_latency_seconds", "Smoothed latency of an upstream.", {"to"}})
      .set({to}, static_cast<double>(upstream.latency_nanoseconds) / kNanosecondsPerSecond);
}

}  // namespace

void collect_groups(std::span<const fairlead::forward::GroupTotals> groups, FamilySet& families) {
  if (groups.empty()) return;
  auto& broken =
      families.counter({"coredns_forward_healthcheck_broken_total",
                        "Counter of the number of complete failures of the healthchecks.",
                        {}});
  auto& rejects = families.counter({"coredns_forward_max_concurrent_rejects_total",
                                    "Counter of the number of queries rejected because the "
                                    "concurrent queries were at maximum.",
                                    {}});
  for (const fairlead::forward::GroupTotals& group : groups) {
    for (const UpstreamTotals& upstream : group.upstreams) {
      add_requests(upstream, families);
      add_connections(upstream, families);
      add_own(upstream, families);
      add_legacy(upstream, families);
    }
    broken.add({}, static_cast<double>(group.healthcheck_broken));
    rejects.add({}, static_cast<double>(group.max_concurrent_rejects));
  }
}

}  // namespace fairlead::plugins::forward
