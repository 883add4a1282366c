#include "metrics/metrics.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

#include "net/duration_buckets.h"

using namespace fairlead;

namespace {

const metrics::BlockLabels kCluster{"dns://:53", "cluster.local.", ""};

dns::Query query_of(dns::RrType type, dns::Transport transport, uint16_t size) {
  dns::Query query;
  query.has_question = true;
  query.qtype = type;
  query.transport = transport;
  query.size = size;
  return query;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

metrics::BlockCounters& block(metrics::Metrics& metrics, const metrics::BlockLabels& labels,
                              size_t worker) {
  return *static_cast<metrics::BlockCounters*>(metrics.blocks()->slot(labels, worker));
}

void fill(metrics::Metrics& metrics) {
  const dns::Query query = query_of(dns::RrType::A, dns::Transport::Udp, 50);
  block(metrics, kCluster, 0).count(query, {.response_size = 90, .duration = 300'000});
  metrics.packets(0).count_refused(dns::Rcode::FormErr);
  metrics.plugin_enabled.set({"dns://:53", ".", "", "errors"}, 1);
  metrics.set_sockets([] {
    metrics::SocketTotals totals;
    totals.udp_receive_drops = 7;
    totals.tcp_connections = 2;
    totals.dropped_packets["send_failed"] = 4;
    return totals;
  });
}

}  // namespace

TEST_CASE("metrics: the buckets of durations and sizes are CoreDNS's") {
  struct Row {
    uint64_t value;
    size_t bucket;
  };
  for (const Row& row : {Row{0, 0}, Row{250'000, 0}, Row{250'001, 1}, Row{500'000, 1},
                         Row{500'001, 2}, Row{1'000'000, 2}, Row{8'192'000'000, 15},
                         Row{8'192'000'001, 16}, Row{std::numeric_limits<uint64_t>::max(), 16}}) {
    CAPTURE(row.value);
    CHECK(net::duration_bucket(row.value) == row.bucket);
  }
  for (const Row& row : {Row{0, 0}, Row{1, 1}, Row{100, 1}, Row{101, 2}, Row{511, 5}, Row{512, 6},
                         Row{64'000, 13}, Row{64'001, 14}, Row{65'535, 14}}) {
    CAPTURE(row.value);
    CHECK(metrics::BlockCounters::size_bucket(row.value) == row.bucket);
  }
}

TEST_CASE("metrics: every type has its label or is other") {
  for (const char* name : {"A", "AAAA", "CNAME", "DNSKEY", "DS", "MX", "NSEC3", "NSEC", "NS", "PTR",
                           "RRSIG", "SOA", "SRV", "TXT", "HTTPS", "SVCB", "IXFR", "AXFR", "ANY"}) {
    const auto type = dns::rr_type_from_text(name);
    REQUIRE(type);
    CHECK(std::string(metrics::type_label(metrics::type_index(*type))) == name);
  }
  CHECK(std::string(metrics::type_label(metrics::type_index(static_cast<dns::RrType>(666)))) ==
        "other");
  CHECK(std::string(metrics::type_label(metrics::type_index(dns::RrType::Hinfo))) == "other");
}

TEST_CASE("metrics: workers are summed, labels are CoreDNS's") {
  metrics::Metrics metrics(2, "1.2.3");
  dns::Query query = query_of(dns::RrType::A, dns::Transport::Udp, 50);
  const metrics::Sample sample{
      .maker = metrics.maker("kubernetes"), .response_size = 90, .duration = 500'000};
  block(metrics, kCluster, 0).count(query, sample);
  block(metrics, kCluster, 1).count(query, sample);
  query = query_of(static_cast<dns::RrType>(666), dns::Transport::Tcp, 28);
  query.has_edns = true;
  query.edns.dnssec_ok = true;
  block(metrics, {"dns://:53", metrics::kDroppedZone, ""}, 1)
      .count(query, {.client_v6 = true, .rcode = dns::Rcode::Refused, .duration = 9'000'000'000});

  const std::string text = metrics.text();
  for (
      const char* expected :
      {"# TYPE coredns_dns_requests_total counter",
       R"(coredns_dns_requests_total{family="1",proto="udp",type="A",server="dns://:53",view="",zone="cluster.local."} 2)",
       R"(coredns_dns_requests_total{family="2",proto="tcp",type="other",server="dns://:53",view="",zone="dropped"} 1)",
       R"(coredns_dns_do_requests_total{server="dns://:53",view="",zone="dropped"} 1)",
       R"(coredns_dns_responses_total{plugin="kubernetes",rcode="NOERROR",server="dns://:53",view="",zone="cluster.local."} 2)",
       R"(coredns_dns_responses_total{plugin="",rcode="REFUSED",server="dns://:53",view="",zone="dropped"} 1)",
       "# TYPE coredns_dns_request_duration_seconds histogram",
       R"(coredns_dns_request_duration_seconds_bucket{server="dns://:53",view="",zone="cluster.local.",le="0.00025"} 0)",
       R"(coredns_dns_request_duration_seconds_bucket{server="dns://:53",view="",zone="cluster.local.",le="0.0005"} 2)",
       R"(coredns_dns_request_duration_seconds_bucket{server="dns://:53",view="",zone="dropped",le="8.192"} 0)",
       R"(coredns_dns_request_duration_seconds_bucket{server="dns://:53",view="",zone="dropped",le="+Inf"} 1)",
       R"(coredns_dns_request_duration_seconds_sum{server="dns://:53",view="",zone="cluster.local."} 0.001)",
       R"(coredns_dns_request_size_bytes_bucket{proto="udp",server="dns://:53",view="",zone="cluster.local.",le="0"} 0)",
       R"(coredns_dns_request_size_bytes_bucket{proto="udp",server="dns://:53",view="",zone="cluster.local.",le="100"} 2)",
       R"(coredns_dns_request_size_bytes_sum{proto="udp",server="dns://:53",view="",zone="cluster.local."} 100)",
       R"(coredns_dns_response_size_bytes_count{proto="udp",server="dns://:53",view="",zone="cluster.local."} 2)",
       "coredns_panics_total 0", "coredns_reload_failed_total 0"}) {
    const std::string line = expected;
    CAPTURE(line);
    CHECK(has_line(text, line));
  }
  // A zone without DO queries has no series, as in CoreDNS.
  CHECK_FALSE(has_line(
      text,
      R"(coredns_dns_do_requests_total{server="dns://:53",view="",zone="cluster.local."} 0)"));
}

TEST_CASE("metrics: asking again for a label set goes on counting") {
  metrics::Metrics metrics(1, "1.2.3");
  metrics::BlockCounters& first = block(metrics, kCluster, 0);
  block(metrics, {"dns://:53", ".", ""}, 0);
  CHECK(&block(metrics, kCluster, 0) == &first);
  first.count(query_of(dns::RrType::A, dns::Transport::Udp, 1), {});
  block(metrics, kCluster, 0).count(query_of(dns::RrType::A, dns::Transport::Udp, 1), {});
  CHECK(has_line(
      metrics.text(),
      R"(coredns_dns_requests_total{family="1",proto="udp",type="A",server="dns://:53",view="",zone="cluster.local."} 2)"));
}

TEST_CASE("metrics: an rcode beyond the table is other") {
  metrics::Metrics metrics(1, "1.2.3");
  block(metrics, kCluster, 0)
      .count(query_of(dns::RrType::A, dns::Transport::Udp, 1),
             {.rcode = static_cast<dns::Rcode>(4095)});
  block(metrics, kCluster, 0)
      .count(query_of(dns::RrType::A, dns::Transport::Udp, 1),
             {.rcode = static_cast<dns::Rcode>(13)});
  const std::string text = metrics.text();
  CHECK(text.find(R"(rcode="other")") != std::string::npos);
  CHECK(text.find(R"(rcode="RCODE13")") != std::string::npos);
}

TEST_CASE("metrics: Fairlead's own and the cluster's families") {
  metrics::Metrics metrics(1, "1.2.3");
  fill(metrics);
  const std::string text = metrics.text();
  for (const char* expected :
       {R"(coredns_plugin_enabled{server="dns://:53",zone=".",view="",name="errors"} 1)",
        R"(fairlead_dns_parse_failures_total{reason="FORMERR"} 1)",
        R"(fairlead_dropped_packets_total{reason="send_failed"} 4)",
        "fairlead_udp_receive_drops_total 7", "fairlead_tcp_connections 2",
        "fairlead_tcp_connections_refused_total 0"}) {
    const std::string line = expected;
    CAPTURE(line);
    CHECK(has_line(text, line));
  }
  for (const char* name :
       {"process_cpu_seconds_total ", "process_resident_memory_bytes ",
        "process_virtual_memory_bytes ", "process_start_time_seconds ", "process_open_fds ",
        "process_max_fds ", "go_goroutines ", "coredns_build_info{goversion=\"gcc "}) {
    CAPTURE(name);
    CHECK(text.find(std::string("\n") + name) != std::string::npos);
  }
}

TEST_CASE("metrics: panics of all workers together") {
  metrics::Metrics metrics(2, "1.2.3");
  metrics.packets(0).panics.add();
  metrics.packets(1).panics.add();
  CHECK(has_line(metrics.text(), "coredns_panics_total 2"));
}

TEST_CASE("metrics: a label's value cannot break the text") {
  metrics::Metrics metrics(1, "1.2.3");
  metrics.plugin_enabled.set({"s", "z", "", "a\"b\\c\nd"}, 1);
  CHECK(metrics.text().find(R"(name="a\"b\\c\nd")") != std::string::npos);
}

TEST_CASE("metrics: a family's series are bounded") {
  metrics::Metrics metrics(1, "1.2.3");
  for (size_t i = 0; i < metrics::kMaxSeries + 10; ++i)
    metrics.plugin_enabled.set({"s", "z", "", std::to_string(i)}, 1);
  const std::string text = metrics.text();
  CHECK(text.find("name=\"" + std::to_string(metrics::kMaxSeries - 1) + "\"") != std::string::npos);
  CHECK(text.find("name=\"" + std::to_string(metrics::kMaxSeries) + "\"") == std::string::npos);
}

TEST_CASE("metrics: families of one name are one, whoever adds to it") {
  metrics::Metrics metrics(1, "1.2.3");
  for (const double n : {1.0, 2.0}) {
    metrics.collect_from([n](metrics::FamilySet& families) {
      families.counter({"example_total", "An example.", {}}).add({}, n);
    });
  }
  metrics.set_served({[](metrics::FamilySet& families) {
    families.gauge({"example_low", "An example.", {}}, 1).lower({}, 0);
  }});
  CHECK(has_line(metrics.text(), "example_total 3"));
  CHECK(has_line(metrics.text(), "example_low 0"));
  metrics.set_served({});
  CHECK(metrics.text().find("example_low") == std::string::npos);
}

TEST_CASE("metrics: more label sets than a table holds share one") {
  metrics::Metrics metrics(1, "1.2.3");
  const auto blocks = metrics.blocks();
  for (size_t i = 0; i < metrics::CounterTable::kMost; ++i)
    blocks->slot({"s", std::to_string(i), ""}, 0);
  CHECK(blocks->slot({"s", "one more", ""}, 0) == blocks->slot({"s", "and more", ""}, 0));
  CHECK(blocks->slot({"s", "0", ""}, 0) != blocks->slot({"s", "one more", ""}, 0));
}

TEST_CASE("metrics: promtool finds nothing to complain about") {
  REQUIRE_MESSAGE(std::system("command -v promtool >/dev/null") == 0,
                  "promtool is not installed (Debian package prometheus)");
  metrics::Metrics metrics(1, "1.2.3");
  fill(metrics);
  FILE* promtool = ::popen("promtool check metrics >&2", "w");
  REQUIRE(promtool != nullptr);
  const std::string text = metrics.text();
  CHECK(std::fwrite(text.data(), 1, text.size(), promtool) == text.size());
  CHECK(::pclose(promtool) == 0);
}
