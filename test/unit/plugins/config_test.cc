#include "plugins/config.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "corefile/parser.h"
#include "plugins/directive.h"
#include "plugins/foreign.h"

namespace fairlead::plugins {
using plugins::directives;

namespace {

plugins::Config config_of(const std::string& text) {
  const corefile::MemoryReader files;
  const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
  return plugins::make_config(
      corefile::parse(text, "Corefile", {files, no_variables, plugins::directive_names()}), 1053,
      files, {});
}

std::string error_of(const std::string& text) {
  try {
    static_cast<void>(config_of(text));
  } catch (const corefile::ConfigError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("directives: each is listed once, and known by its name") {
  std::set<std::string_view> names;
  for (const plugins::Directive& directive : directives()) {
    CHECK(names.insert(directive.name).second);
  }
  CHECK(names.size() == plugins::directive_names().size());
}

TEST_CASE("directives: the order is the one of CoreDNS's plugin list") {
  // Neighbours whose order a client or an operator would notice; CoreDNS has others in between.
  const std::string_view chains[][12] = {
      {"prometheus", "errors", "log", "dnstap", "dns64", "any", "loadbalance", "rewrite",
       "autopath", "acl", "cache", "header"},
      {"cache", "dnssec", "minimal", "template", "transfer", "hosts", "k8s_external", "kubernetes",
       "file", "auto", "secondary", "loop"},
      {"loop", "forward", "grpc", "whoami"},
  };
  for (const auto& chain : chains) {
    int last = -1;
    for (const std::string_view name : chain) {
      if (name.empty()) break;
      CAPTURE(name);
      const int order = corefile::directive_order(plugins::directive_names(), name);
      CHECK(order > last);
      last = order;
    }
  }
}

TEST_CASE("directives: what will not be here is told with what to do") {
  const auto error = [](const std::string& name) {
    const corefile::MemoryReader files;
    const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
    try {
      corefile::parse(
          ". {\n" + name + "\n}\n", "Corefile",
          {files, no_variables, plugins::directive_names(), nullptr, plugins::foreign_names()});
    } catch (const corefile::ConfigError& wrong) {
      return std::string(wrong.what());
    }
    return std::string();
  };
  const std::string place = "Corefile:2 - Error during parsing: directive '";
  CHECK(error("route53") ==
        place +
            "route53' is not supported: AWS is not asked for records; forward the zone to the "
            "VPC's resolver; docs/migrate.md says more");
  CHECK(error("tailscale") ==
        place +
            "tailscale' is not supported: tailnets are not read; forward the tailnet's domain "
            "to 100.100.100.100; docs/migrate.md says more");
  std::set<std::string_view> names;
  for (const plugins::Directive& directive : directives()) names.insert(directive.name);
  for (const corefile::ForeignName& foreign : plugins::foreign_names()) {
    CAPTURE(foreign.name);
    CHECK(names.insert(foreign.name).second);
    CHECK(error(std::string(foreign.name))
              .starts_with(place + std::string(foreign.name) + "' is not supported: "));
  }
  for (const char* name : {"azure", "clouddns", "nomad", "geoip", "trace", "grpc", "grpc_server",
                           "quic", "https3", "proxyproto", "dynupdate", "on"}) {
    CAPTURE(name);
    CHECK(error(name).starts_with(place + name + "' is not supported: "));
  }
  // A word that is nearly one of them is none.
  CHECK(error("tailscal") == "Corefile:2 - Error during parsing: Unknown directive 'tailscal'");
}

TEST_CASE("config: without blocks it is whoami and log at the default port") {
  const plugins::Config config = config_of("");
  REQUIRE(config.blocks.size() == 1);
  CHECK(config.blocks[0].directives == std::vector<std::string>{"log", "whoami"});
  CHECK(config.blocks[0].keys[0].key.to_string() == "dns://.:1053");
}

TEST_CASE("config: errors have their place") {
  CHECK(error_of("a. {\n  route53 x y\n}")
            .starts_with("Corefile:2 - Error during parsing: directive 'route53' is not "
                         "supported: "));
  CHECK(error_of("quic://a. {\n}").find("Corefile:1 - Error during parsing: transport 'quic'") ==
        0);
  CHECK(error_of("a. {\n bind 127.0.0.1\n}\na. {\n bind 127.0.0.1\n}").find("Corefile:4 - ") == 0);
  CHECK(error_of("a. {\n  forward \\999.example 127.0.0.1\n}")
            .find("plugin/forward: Corefile:2 - ") == 0);
}

TEST_CASE("config: every address stands beside a single one when both are bound") {
  CHECK(error_of("a. {\n bind 0.0.0.0\n}\na. {\n bind 127.0.0.1\n}").empty());
  CHECK(error_of("a. {\n bind 127.0.0.1 0.0.0.0\n}").empty());
  CHECK(error_of("a. {\n bind 0.0.0.0\n}\na. {\n bind ::\n}")
            .ends_with("cannot serve dns://a.:1053 on 0.0.0.0 - it is already defined"));
  CHECK(error_of("a. {\n log\n}\na. {\n bind 0.0.0.0\n}")
            .ends_with("cannot serve dns://a.:1053 on 0.0.0.0 - zone overlap listener capacity "
                       "with dns://a.:1053"));
}

TEST_CASE("config: warnings name their directive") {
  const plugins::Config config = config_of("a. {\n ready :65536\n prometheus :65536\n}");
  CHECK(config.warnings ==
        std::vector<std::string>{"plugin/ready: address :65536: invalid port",
                                 "plugin/prometheus: address :65536: invalid port"});
}

TEST_CASE(
    "config: uses of directives are told with their lines, what they mean identifies a block") {
  const plugins::Config one = config_of("a. {\n forward . 10.0.0.1\n log\n forward b. 10.0.0.2\n}");
  const auto& uses = one.blocks[0].uses;
  REQUIRE(uses.size() == 3);
  CHECK(uses[0].directive == "log");
  CHECK(uses[1].place == "Corefile:2");
  CHECK(uses[2].place == "Corefile:4");
  const plugins::Config two = config_of("a. {\n log\n}\nb. {\n log\n}");
  CHECK(two.blocks[0].identity() != two.blocks[1].identity());
  CHECK(one.blocks[0].identity() !=
        config_of("a. {\n forward . 10.0.0.1\n log\n}").blocks[0].identity());
}

}  // namespace fairlead::plugins
