// The main blocks that distributions install, as far as their directives are supported: all must be
// understood.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "corefile/key.h"
#include "corefile/parser.h"
#include "plugins/bind/setup.h"
#include "plugins/cache/setup.h"
#include "plugins/errors/setup.h"
#include "plugins/forward/setup.h"
#include "plugins/health/setup.h"
#include "plugins/kubernetes/setup.h"
#include "plugins/loadbalance/setup.h"
#include "plugins/log/setup.h"
#include "plugins/loop/setup.h"
#include "plugins/prometheus/setup.h"
#include "plugins/ready/setup.h"
#include "plugins/reload/setup.h"

using namespace fairlead;

namespace {

struct Parsed {
  size_t directives = 0;
  std::vector<plugins::kubernetes::Options> kubernetes;
  std::vector<plugins::cache::Options> cache;
  std::vector<plugins::forward::Options> forward;
  std::vector<std::string> warnings;
};

void parse_directive(const corefile::Directive& directive, const corefile::Context& context,
                     Parsed& out) {
  corefile::Cursor cursor(directive);
  const std::string& name = directive.name;
  ++out.directives;
  if (name == "bind") plugins::bind::parse(cursor);
  if (name == "cache") out.cache.push_back(plugins::cache::parse(cursor, context));
  if (name == "errors") plugins::errors::parse(cursor);
  if (name == "forward") out.forward = plugins::forward::parse(cursor, context);
  if (name == "health") plugins::health::parse(cursor);
  if (name == "kubernetes") out.kubernetes.push_back(plugins::kubernetes::parse(cursor, context));
  if (name == "loadbalance") plugins::loadbalance::parse(cursor);
  if (name == "log") plugins::log::parse(cursor);
  if (name == "loop") plugins::loop::parse(cursor, context);
  if (name == "prometheus") plugins::prometheus::parse(cursor);
  if (name == "ready") plugins::ready::parse(cursor);
  if (name == "reload") plugins::reload::parse(cursor);
}

Parsed parse_all(const std::string& text) {
  const std::map<std::string, std::string> texts = {{"/etc/resolv.conf", "nameserver 10.0.0.10\n"}};
  const corefile::MemoryReader files(texts);
  const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
  corefile::Config config =
      corefile::parse(text, "/etc/coredns/Corefile", corefile::Sources{files, no_variables});
  corefile::check_keys(config, 53);
  Parsed out;
  out.warnings = config.warnings;
  for (const corefile::ServerBlock& block : config.blocks) {
    const corefile::Context context{corefile::zones_of(corefile::parse_keys(block, 53)), "",
                                    &files};
    for (const corefile::Directive& directive : block.directives)
      parse_directive(directive, context, out);
  }
  return out;
}

}  // namespace

TEST_CASE("Corefiles: the example is kubeadm's") {
  std::ifstream in(FAIRLEAD_SOURCE_DIR "/Corefile.example");
  const Parsed parsed = parse_all({std::istreambuf_iterator<char>(in), {}});
  CHECK(parsed.directives == 10);
  REQUIRE(parsed.kubernetes.size() == 1);
  CHECK(parsed.kubernetes[0].ttl == 30);
  CHECK(parsed.kubernetes[0].pods == plugins::kubernetes::Pods::Insecure);
  CHECK(parsed.cache.at(0).denial.disabled_zones == std::vector<std::string>{"cluster.local."});
  CHECK(parsed.forward.at(0).max_concurrent == 1000);
  CHECK(parsed.warnings.empty());
}

TEST_CASE("Corefiles: EKS") {
  const Parsed parsed = parse_all(
      ".:53 {\n    errors\n    health {\n        lameduck 5s\n      }\n    ready\n    kubernetes "
      "cluster.local in-addr.arpa "
      "ip6.arpa {\n      pods insecure\n      fallthrough in-addr.arpa ip6.arpa\n    }\n    "
      "prometheus :9153\n    forward . "
      "/etc/resolv.conf\n    cache 30\n    loop\n    reload\n    loadbalance\n}\n");
  CHECK(parsed.directives == 10);
  CHECK(parsed.kubernetes.at(0).ttl == 5);
  CHECK(parsed.cache.at(0).success.max_ttl == std::chrono::seconds(30));
}

TEST_CASE("Corefiles: AKS, with imports that match nothing") {
  const Parsed parsed = parse_all(
      ".:53 {\n    errors\n    ready\n    health {\n      lameduck 5s\n    }\n    kubernetes "
      "cluster.local in-addr.arpa "
      "ip6.arpa {\n      pods insecure\n      fallthrough in-addr.arpa ip6.arpa\n      ttl 30\n    "
      "}\n    prometheus :9153\n"
      "    forward . /etc/resolv.conf\n    cache 30\n    loop\n    reload\n    loadbalance\n    "
      "import custom/*.override\n}\n"
      "import custom/*.server\n");
  CHECK(parsed.directives == 10);
  CHECK(parsed.warnings.size() == 2);
}

TEST_CASE("Corefiles: AKS LocalDNS and NodeLocal") {
  const Parsed local = parse_all(
      ".:53 {\n bind 169.254.10.10\n errors\n log\n forward . 168.63.129.16 {\n policy "
      "sequential\n max_concurrent 1000\n "
      "force_tcp\n }\n ready 169.254.10.10:8181\n cache 3600 {\n success 9984\n denial 9984\n "
      "serve_stale 3600s immediate\n "
      "servfail 0\n }\n loop\n prometheus :9253\n}\n");
  CHECK(local.directives == 8);
  CHECK(local.cache.at(0).servfail_ttl.count() == 0);
  const Parsed node = parse_all(
      "cluster.local:53 {\n errors\n cache {\n success 9984 30\n denial 9984 5\n }\n reload\n "
      "loop\n bind 169.254.20.10 "
      "10.96.0.10\n forward . 10.96.0.11 {\n force_tcp\n }\n prometheus :9253\n health "
      "169.254.20.10:8080\n}\n"
      "in-addr.arpa:53 {\n errors\n cache 30\n bind 169.254.20.10\n forward . 10.96.0.11 {\n "
      "prefer_udp\n }\n}\n");
  CHECK(node.directives == 12);
  CHECK(node.cache.at(0).denial.max_ttl == std::chrono::seconds(5));
}

TEST_CASE("Corefiles: OpenShift's main block without bufsize") {
  const Parsed parsed = parse_all(
      ".:5353 {\n errors\n log . {\n class error\n }\n health {\n lameduck 20s\n }\n ready\n "
      "kubernetes cluster.local "
      "in-addr.arpa ip6.arpa {\n pods insecure\n fallthrough in-addr.arpa ip6.arpa\n }\n "
      "prometheus 127.0.0.1:9153\n forward "
      ". /etc/resolv.conf {\n policy sequential\n }\n cache 900 {\n denial 9984 30\n }\n "
      "reload\n}\n");
  CHECK(parsed.directives == 9);
  CHECK(parsed.cache.at(0).success.max_ttl == std::chrono::seconds(900));
  CHECK(parsed.cache.at(0).denial.max_ttl == std::chrono::seconds(30));
}
