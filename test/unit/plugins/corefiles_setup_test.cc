// The main blocks that distributions install, as far as their directives are supported: all must be
// understood.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "corefile/key.h"
#include "corefile/parser.h"
#include "plugins/bind/setup.h"
#include "plugins/bufsize/setup.h"
#include "plugins/cache/setup.h"
#include "plugins/directive.h"
#include "plugins/errors/setup.h"
#include "plugins/forward/setup.h"
#include "plugins/health/setup.h"
#include "plugins/hosts/setup.h"
#include "plugins/kubernetes/setup.h"
#include "plugins/loadbalance/setup.h"
#include "plugins/log/setup.h"
#include "plugins/loop/setup.h"
#include "plugins/prometheus/setup.h"
#include "plugins/ready/setup.h"
#include "plugins/reload/setup.h"

namespace fairlead::plugins {
namespace {

struct Parsed {
  size_t directives = 0;
  std::vector<plugins::kubernetes::Config> kubernetes;
  std::vector<plugins::cache::Settings> cache;
  std::vector<plugins::forward::Options> forward;
  std::vector<plugins::hosts::Options> hosts;
  std::vector<std::string> warnings;
};

// False for a directive that has no parser here.
bool parse_directive(corefile::Cursor& cursor, const corefile::Context& context, Parsed& out) {
  const std::string& name = cursor.name();
  if (name == "bind") return plugins::bind::parse(cursor), true;
  if (name == "bufsize") return plugins::bufsize::parse(cursor), true;
  if (name == "cache") return out.cache.push_back(plugins::cache::parse(cursor, context)), true;
  if (name == "errors") return plugins::errors::parse(cursor), true;
  if (name == "forward") return out.forward = plugins::forward::parse(cursor, context), true;
  if (name == "health") return plugins::health::parse(cursor), true;
  if (name == "hosts") return out.hosts.push_back(plugins::hosts::parse(cursor, context)), true;
  if (name == "kubernetes")
    return out.kubernetes.push_back(plugins::kubernetes::parse(cursor, context)), true;
  if (name == "loadbalance") return plugins::loadbalance::parse(cursor, context), true;
  if (name == "log") return plugins::log::parse(cursor), true;
  if (name == "loop") return plugins::loop::parse(cursor, context), true;
  if (name == "prometheus") return plugins::prometheus::parse(cursor, context), true;
  if (name == "ready") return plugins::ready::parse(cursor), true;
  return name == "reload" && (plugins::reload::parse(cursor), true);
}

Parsed parse_all(const std::string& text) {
  const std::map<std::string, std::string> texts = {
      {"/etc/resolv.conf", "nameserver 10.0.0.10\n"},
      {"/etc/coredns/NodeHosts", "10.0.0.1 node-1\n"}};
  const corefile::MemoryReader files(texts);
  const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
  corefile::Config config =
      corefile::parse(text, "/etc/coredns/Corefile",
                      corefile::Sources{files, no_variables, plugins::directive_names()});
  corefile::check_keys(config, 53);
  Parsed out;
  out.warnings = config.warnings;
  for (const corefile::ServerBlock& block : config.blocks) {
    const corefile::Context context{corefile::zones_of(corefile::parse_keys(block, 53)), "",
                                    &files};
    for (const corefile::Directive& directive : block.directives) {
      corefile::Cursor cursor(directive);
      CAPTURE(directive.name);
      CHECK(parse_directive(cursor, context, out));
      ++out.directives;
      for (const std::string& warning : cursor.warnings()) out.warnings.push_back(warning);
    }
  }
  return out;
}

Parsed parse_file(const std::string& name) {
  std::ifstream in(FAIRLEAD_SOURCE_DIR "/" + name);
  CAPTURE(name);
  REQUIRE(in);
  return parse_all({std::istreambuf_iterator<char>(in), {}});
}

}  // namespace

TEST_CASE("Corefiles: the example is kubeadm's") {
  for (const char* name : {"Corefile.example", "test/data/corefiles/kubeadm.Corefile",
                           "test/data/corefiles/kind.Corefile"}) {
    CAPTURE(name);
    const Parsed parsed = parse_file(name);
    CHECK(parsed.directives == 10);
    REQUIRE(parsed.kubernetes.size() == 1);
    CHECK(parsed.kubernetes[0].zone.ttl == 30);
    CHECK(parsed.kubernetes[0].zone.pods == zones::PodMode::Insecure);
    CHECK(parsed.cache.at(0).denial.disabled_zones ==
          std::vector<dns::Name>{dns::Name::from_text("cluster.local.").value()});
    CHECK(parsed.forward.at(0).settings.max_concurrent == 1000);
    CHECK(parsed.warnings.empty());
  }
}

TEST_CASE("Corefiles: EKS") {
  const Parsed parsed = parse_file("test/data/corefiles/eks.Corefile");
  CHECK(parsed.directives == 10);
  CHECK(parsed.kubernetes.at(0).zone.ttl == 5);
  CHECK(parsed.cache.at(0).success.max_ttl == std::chrono::seconds(30));
  CHECK(parsed.warnings.empty());
}

TEST_CASE("Corefiles: k3s, with its node names") {
  const Parsed parsed = parse_file("test/data/corefiles/k3s.Corefile");
  CHECK(parsed.directives == 11);
  CHECK(parsed.hosts.at(0).path == "/etc/coredns/NodeHosts");
  CHECK(parsed.hosts.at(0).ttl == 60);
  CHECK(parsed.hosts.at(0).reload == std::chrono::seconds(15));
  CHECK(parsed.hosts.at(0).fall_through == std::vector<std::string>{"."});
  CHECK(parsed.warnings ==
        std::vector<std::string>{
            "No files matching import glob pattern: /etc/coredns/custom/*.override",
            "No files matching import glob pattern: /etc/coredns/custom/*.server"});
}

TEST_CASE("Corefiles: minikube, with its own address") {
  const Parsed parsed = parse_file("test/data/corefiles/minikube.Corefile");
  CHECK(parsed.directives == 12);
  CHECK(parsed.hosts.at(0).inline_text == "192.168.49.1 host.minikube.internal\n");
  CHECK(parsed.hosts.at(0).path == "/etc/hosts");
  CHECK(parsed.warnings.empty());
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

TEST_CASE("Corefiles: OpenShift's main block") {
  const Parsed parsed = parse_all(
      ".:5353 {\n bufsize 512\n errors\n log . {\n class error\n }\n health {\n lameduck 20s\n }\n "
      "ready\n "
      "kubernetes cluster.local "
      "in-addr.arpa ip6.arpa {\n pods insecure\n fallthrough in-addr.arpa ip6.arpa\n }\n "
      "prometheus 127.0.0.1:9153\n forward "
      ". /etc/resolv.conf {\n policy sequential\n }\n cache 900 {\n denial 9984 30\n }\n "
      "reload\n}\n");
  CHECK(parsed.directives == 10);
  CHECK(parsed.cache.at(0).success.max_ttl == std::chrono::seconds(900));
  CHECK(parsed.cache.at(0).denial.max_ttl == std::chrono::seconds(30));
}

}  // namespace fairlead::plugins
