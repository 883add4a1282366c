#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "metrics/metrics.h"
#include "net/clock.h"
#include "plugins/forward/metrics.h"

namespace fairlead::plugins::forward {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE(
    "forward metrics: what upstreams did, under today's names and those before CoreDNS 1.11") {
  metrics::Metrics metrics(1, "1.2.3");
  metrics.collect_from([](metrics::FamilySet& families) {
    fairlead::forward::UpstreamTotals upstream;
    upstream.to = "10.0.0.2:53";
    upstream.requests.push_back({.rcode = 0, .count = {3, 1}, .nanoseconds = 1'500'000});
    upstream.requests.push_back({.rcode = 2, .count = {0, 0, 2}, .nanoseconds = 2'000'000});
    upstream.healthcheck_failures = 5;
    upstream.https_cache_hits = 7;
    const std::vector<fairlead::forward::GroupTotals> groups{
        {.upstreams = {upstream}, .healthcheck_broken = 1}};
    plugins::forward::collect_groups(groups, families);
  });
  const std::string text = metrics.text();
  for (
      const char* expected :
      {R"(coredns_proxy_request_duration_seconds_count{proxy_name="forward",to="10.0.0.2:53",rcode="NOERROR"} 4)",
       R"(coredns_forward_request_duration_seconds_count{to="10.0.0.2:53",rcode="NOERROR"} 4)",
       R"(coredns_forward_request_duration_seconds_bucket{to="10.0.0.2:53",rcode="NOERROR",le="0.00025"} 3)",
       R"(coredns_forward_request_duration_seconds_sum{to="10.0.0.2:53",rcode="SERVFAIL"} 0.002)",
       R"(coredns_forward_requests_total{to="10.0.0.2:53"} 6)",
       R"(coredns_proxy_conn_cache_hits_total{proxy_name="forward",to="10.0.0.2:53",proto="https"} 7)",
       R"(coredns_forward_responses_total{to="10.0.0.2:53",rcode="SERVFAIL"} 2)",
       R"(coredns_proxy_healthcheck_failures_total{proxy_name="forward",to="10.0.0.2:53"} 5)",
       R"(coredns_forward_healthcheck_failures_total{to="10.0.0.2:53"} 5)",
       "coredns_forward_healthcheck_broken_total 1"}) {
    const std::string line = expected;
    CAPTURE(line);
    CHECK(has_line(text, line));
  }
}

TEST_CASE("forward metrics: how long an upstream is down, and why, while it is") {
  metrics::Metrics metrics(1, "1.2.3");
  metrics.collect_from([](metrics::FamilySet& families) {
    fairlead::forward::UpstreamTotals down{.to = "10.0.0.2:53", .down = true};
    down.outage = {.began = net::Clock::now() - std::chrono::hours(1), .why = "refused"};
    const std::vector<fairlead::forward::GroupTotals> groups{
        {.upstreams = {down, {.to = "10.0.0.3:53"}}}};
    plugins::forward::collect_groups(groups, families);
  });
  const std::string text = metrics.text();
  CAPTURE(text);
  CHECK(text.find("\nfairlead_forward_upstream_down_seconds"
                  R"({to="10.0.0.2:53",reason="refused"} 36)") != std::string::npos);
  CHECK(text.find(R"(upstream_down_seconds{to="10.0.0.3:53")") == std::string::npos);
}

}  // namespace fairlead::plugins::forward
