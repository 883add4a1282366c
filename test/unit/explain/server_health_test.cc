#include "explain/server_health.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace fairlead;
using namespace fairlead::explain;

namespace {

net::Endpoint endpoint(const char* address, uint16_t port) {
  return {*dns::IpAddress::from_text(address), port};
}

}  // namespace

TEST_CASE("server health: upstreams of a scrape") {
  const auto upstreams = read_upstreams(
      "# TYPE fairlead_forward_upstream_down gauge\n"
      "fairlead_forward_upstream_down{to=\"10.0.0.1:53\"} 1\n"
      "fairlead_forward_upstream_down{to=\"10.0.0.2:53\"} 0\n"
      "fairlead_forward_upstream_down{to=\"10.0.0.5:53\"} 1\n"
      "fairlead_forward_upstream_down_seconds{to=\"10.0.0.1:53\",reason=\"read \\\"x\\\"\"} 252.7\n"
      "fairlead_forward_upstream_down_seconds{to=\"10.0.0.5:53\",reason=\"\"} 1e300\n"
      "fairlead_forward_upstream_latency_seconds{to=\"10.0.0.2:53\"} 0.0125\n"
      "coredns_proxy_healthcheck_failures_total{proxy_name=\"forward\",to=\"10.0.0.1:53\"} 12\n"
      "coredns_forward_healthcheck_failures_total{to=\"10.0.0.3:53\"} 2 1700000000\n"
      "coredns_dns_requests_total{to=\"10.0.0.4:53\"} 2\n");
  const std::vector<std::string> lines = health_lines(upstreams, "");
  CHECK(lines ==
        std::vector<std::string>{
            "10.0.0.1:53: is down for 4m12s (read \"x\"), and asked only when all are; 12 health "
            "checks have failed since the server started",
            "10.0.0.2:53: is up, answers in 12.5 ms",
            "10.0.0.3:53: whether it is down is not among the server's metrics; 2 health checks "
            "have failed since the server started",
            "10.0.0.5:53: is down, and asked only when all are"});
  CHECK(health_lines(upstreams, "goes to forward . 10.0.0.2:53").size() == 1);
}

TEST_CASE("server health: any text will do") {
  for (const char* text :
       {"", "\n\n", "fairlead_forward_upstream_down", "fairlead_forward_upstream_down{",
        "fairlead_forward_upstream_down}{ 1", "fairlead_forward_upstream_down{to=\"x} 1",
        "fairlead_forward_upstream_down{to=\"\"} 1", "fairlead_forward_upstream_down{to=\"x\"}",
        "fairlead_forward_upstream_down{to=\"x\"} y",
        "fairlead_forward_upstream_down{auto=\"x\"} 1"}) {
    CAPTURE(text);
    CHECK(read_upstreams(text).empty());
  }
  std::string many;
  for (int i = 0; i < 1000; ++i)
    many += "fairlead_forward_upstream_down{to=\"" + std::to_string(i) + "\"} 1\n";
  CHECK(read_upstreams(many).size() == 64);
}

TEST_CASE("server health: where the metrics are") {
  const net::Endpoint pod = endpoint("10.244.0.5", 53);
  const net::Endpoint here = endpoint("127.0.0.1", 1053);
  CHECK(metrics_of(pod, "") == endpoint("10.244.0.5", 9153));
  CHECK(metrics_of(pod, ":9200") == endpoint("10.244.0.5", 9200));
  CHECK(metrics_of(pod, "0.0.0.0:9200") == endpoint("10.244.0.5", 9200));
  CHECK_FALSE(metrics_of(pod, "localhost:9153"));
  CHECK_FALSE(metrics_of(pod, "127.0.0.1:9153"));
  CHECK(metrics_of(here, "localhost:9153") == endpoint("127.0.0.1", 9153));
  CHECK(metrics_of(pod, "10.0.0.9:9153") == endpoint("10.0.0.9", 9153));
  CHECK_FALSE(metrics_of(pod, "nonsense"));
}

TEST_CASE("server health: nobody there") {
  CHECK_FALSE(scrape(endpoint("127.0.0.1", 1), std::chrono::seconds(2)).trouble.empty());
}
