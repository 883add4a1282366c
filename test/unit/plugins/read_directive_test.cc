#include "plugins/read_directive.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "corefile/parser.h"
#include "plugins/config.h"

namespace fairlead::plugins {
namespace {

using Lines = std::vector<std::string>;

// What check_config() says is wrong with a Corefile, without the words that all have; and what it
// warns of.
Lines mistakes_of(const std::string& text, Lines* warnings = nullptr) {
  const std::map<std::string, std::string> texts = {{"/resolv.conf", "nameserver 192.0.2.1\n"}};
  const corefile::MemoryReader files(texts);
  const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
  corefile::Mistakes mistakes;
  const plugins::Config config = plugins::check_config(
      corefile::parse(text, "Corefile",
                      {files, no_variables, plugins::directive_names(), &mistakes}),
      53, files, {}, mistakes);
  if (warnings != nullptr) *warnings = config.warnings;
  Lines lines;
  for (const corefile::Mistake& mistake : mistakes.sorted()) {
    std::string line = mistake.text;
    for (const std::string gone : {"Corefile:", " - Error during parsing"}) {
      if (const size_t at = line.find(gone); at != std::string::npos) line.erase(at, gone.size());
    }
    lines.push_back(line);
  }
  return lines;
}

Lines option(const std::string& directive, const std::string& line) {
  return mistakes_of(". {\n" + directive + " {\n" + line + "\n}\n}\n");
}

}  // namespace

TEST_CASE("mistakes: every one of every block, by line") {
  CHECK(mistakes_of(".:53 {\n"
                    " forward . 192.0.2.1 {\n  max_fials 2\n  policy best\n  expire 5s\n }\n"
                    " cache 30 {\n  sucess 1000\n  denial x\n }\n"
                    " kubernetes cluster.local {\n  zonl\n  ttl 5000\n }\n"
                    "}\n"
                    "quic://a.example {\n whoami\n log {\n  class nothing\n }\n}\n"
                    ".:53 {\n reload 1s\n}\n") ==
        Lines{"plugin/forward: 3: unknown property 'max_fials' (did you mean 'max_fails'?)",
              "plugin/forward: 4: unknown policy 'best'",
              "plugin/cache: 8: Wrong argument count or unexpected line ending after 'sucess' (did "
              "you mean 'success'?)",
              "plugin/cache: 9: strconv.Atoi: parsing \"x\": invalid syntax",
              "plugin/kubernetes: 12: unknown property 'zonl' (did you mean 'zonal'?)",
              "plugin/kubernetes: 13: ttl must be in range [0, 3600]: 5000",
              "16: transport 'quic' is not supported yet; docs/migrate.md says what to do",
              "plugin/log: 19: invalid Class: nothing",
              "22: cannot serve dns://.:53 - it is already defined",
              "plugin/reload: 23: interval value must be greater or equal to 2s"});
}

TEST_CASE("mistakes: nothing is told that follows from another one") {
  CHECK(
      option("header", "response put aa") ==
      Lines{"plugin/header: 3: setting up rule: unknown flag action=put, should be set or clear"});
  CHECK(option("timeouts", "read x") == Lines{"plugin/timeouts: 3: failed to parse duration 'x'"});
  CHECK(mistakes_of("\\999.example {\n kubernetes\n whoami\n}\n").size() == 1);
}

TEST_CASE("mistakes: nothing is warned of that follows from one") {
  const std::string none = "plugin/dnssec: dnssec has no keys: nothing is signed";
  Lines warnings;
  mistakes_of("a.test {\n dnssec\n}\n", &warnings);
  CHECK(warnings == Lines{none});
  CHECK(mistakes_of("a.test {\n dnssec {\n  key file missing\n }\n}\n", &warnings).size() == 1);
  CHECK(warnings.empty());
  CHECK(mistakes_of("a.test {\n dnssec\n auto {\n  directory\n }\n}\n", &warnings).size() == 1);
  CHECK(warnings == Lines{none});
}

TEST_CASE("mistakes: of several uses each is looked at") {
  CHECK(mistakes_of(". {\n forward a. nonsense..\n forward b. 192.0.2.1 {\n  max_fails x\n }\n"
                    " forward c. {\n }\n forward . 192.0.2.1\n}\n")
            .size() == 3);
  CHECK(mistakes_of(". {\n errors\n errors {\n  nothing\n }\n}\n").size() == 1);
}

TEST_CASE("mistakes: options on the directive's own line, nested braces, imported lines") {
  CHECK(mistakes_of(". {\n forward . 192.0.2.1 { max_fials 2 }\n}\n").size() == 1);
  CHECK(option("log", "class {\n x\n }\n nothing").size() == 2);
  CHECK(mistakes_of("(s) {\n nothing\n}\n. {\n log {\n  import s\n  import s\n }\n}\n").size() ==
        1);
}

TEST_CASE("mistakes: options are near to what was meant") {
  const struct {
    const char *directive, *line, *meant;
  } cases[] = {
      {"forward . 192.0.2.1", "maxfails 1", "max_fails"},
      {"forward . 192.0.2.1", "policy roundrobin", "round_robin"},
      {"cache", "prefech 1", "prefetch"},
      {"kubernetes cluster.local", "falthrough", "fallthrough"},
      {"kubernetes cluster.local", "pod verified", "pods"},
      {"errors", "stack_trace", "stacktrace"},
      {"health", "lame_duck 5s", "lameduck"},
      {"log", "clas error", "class"},
      {"ready", "moniter continuously", "monitor"},
      {"prometheus", "runtime_metric", "runtime_metrics"},
      {"loadbalance", "prefers 10.0.0.0/8", "prefer"},
      {"local", "localhost_prefx on", "localhost_prefix"},
      {"bind 127.0.0.1", "exept 127.0.0.2", "except"},
      {"header", "reponse set aa", "response"},
      {"acl", "blok net *", "block"},
      {"timeouts", "reed 5s", "read"},
      {"hosts {\n fallthrough\n no_revers\n}\nlog", "class all", "no_reverse"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.line);
    const Lines said = option(c.directive, c.line);
    REQUIRE(said.size() == 1);
    CHECK(said[0].ends_with(std::string("(did you mean '") + c.meant + "'?)"));
  }
}

TEST_CASE("mistakes: what a hint may name is an option") {
  const std::pair<const char*, Lines> known[] = {
      {"forward . 192.0.2.1",
       {"force_tcp",
        "prefer_udp",
        "expire",
        "max_age",
        "max_idle_conns",
        "read_timeout",
        "tls",
        "tls_servername",
        "doh_method",
        "source_address",
        "resolver",
        "except",
        "policy",
        "max_fails",
        "health_check",
        "max_connect_attempts",
        "failfast_all_unhealthy_upstreams",
        "max_concurrent",
        "next",
        "next_on_nodata",
        "failover"}},
      {"kubernetes cluster.local",
       {"endpoint", "tls", "kubeconfig", "manifests", "apiserver_qps", "apiserver_burst",
        "apiserver_max_inflight", "startup_timeout", "namespaces", "namespace_labels", "labels",
        "pods", "noendpoints", "ignore", "endpoint_pod_names", "ttl", "fallthrough"}},
      {"cache",
       {"success", "denial", "prefetch", "servfail", "serve_stale", "serve_stale_policy", "disable",
        "keepttl"}}};
  for (const auto& [directive, options] : known) {
    for (const std::string& name : options) {
      CAPTURE(name);
      for (const std::string& line : option(directive, name))
        CHECK(line.find("did you mean") == std::string::npos);
      // And each is near to itself with a letter too many.
      const Lines said = option(directive, name + "q");
      REQUIRE(said.size() == 1);
      CHECK(said[0].ends_with("(did you mean '" + name + "'?)"));
    }
  }
}

}  // namespace fairlead::plugins
