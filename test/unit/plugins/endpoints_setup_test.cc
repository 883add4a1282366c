// health, ready, prometheus and pprof: the directives that open an HTTP endpoint.
#include <doctest/doctest.h>

#include "plugins/health/setup.h"
#include "plugins/pprof/pages.h"
#include "plugins/pprof/setup.h"
#include "plugins/prometheus/setup.h"
#include "plugins/ready/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins {
using namespace fairlead::plugins::testing;

namespace {

const auto kHealth = [](auto& cursor, const auto&) { return health::parse(cursor); };
const auto kReady = [](auto& cursor, const auto&) { return ready::parse(cursor); };
const auto kPrometheus = [](auto& cursor, const auto& context) {
  return prometheus::parse(cursor, context);
};

}  // namespace

TEST_CASE("health: options") {
  const auto options_of = [](const std::string& lines) {
    return with_directive("health", lines, kHealth);
  };
  CHECK(options_of("health") == health::Options{":8080", {}});
  CHECK(options_of("health {\nlameduck 5s\n}") ==
        health::Options{":8080", std::chrono::seconds(5)});
  CHECK(options_of("health 10.0.0.1:8091 {\nlameduck 1m\n}") ==
        health::Options{"10.0.0.1:8091", std::chrono::minutes(1)});
  CHECK(options_of("health {\nlameduck -5s\n}") == health::Options{":8080", {}});
  CHECK(options_of("health [::1]:80").address == "[::1]:80");
  CHECK(options_of("health :1\nhealth :2").address == ":2");
}

TEST_CASE("health: mistakes") {
  const BadLine cases[] = {
      {"health a b", arguments_after(2, "b")},
      {"health localhost", parsing(2, "address localhost: missing port in address")},
      {"health {\nlameduck\n}", arguments_after(3, "lameduck")},
      {"health {\nlameduck 5s 6s\n}", arguments_after(3, "6s")},
      {"health {\nlameduck 5\n}",
       parsing(
           3,
           "unable to parse lameduck duration value: '5' : time: missing unit in duration \"5\"")},
      {"health {\nlame\n}", parsing(3, "unknown property 'lame'")},
  };
  check_mistakes("health", cases, kHealth);
}

TEST_CASE("ready: options and mistakes") {
  const auto options_of = [](const std::string& lines) {
    return with_directive("ready", lines, kReady);
  };
  CHECK(options_of("ready") == ready::Options{":8181", ready::Monitor::UntilReady});
  CHECK(options_of("ready 169.254.10.11:8181").address == "169.254.10.11:8181");
  CHECK(options_of("ready {\nmonitor continuously\n}").monitor == ready::Monitor::Continuously);
  CHECK(options_of("ready {\nmonitor until-ready\n}").monitor == ready::Monitor::UntilReady);
  const BadLine cases[] = {
      {"ready\nready", "3" + kOnce},
      {"ready :1 :2", arguments_after(2, ":2")},
      {"ready 8181", parsing(2, "address 8181: missing port in address")},
      {"ready {\nmonitor\n}", arguments_after(3, "monitor")},
      {"ready {\nmonitor never\n}", parsing(3, "monitor type 'never' not supported")},
      {"ready {\nx\n}", parsing(3, "unknown property 'x'")},
  };
  check_mistakes("ready", cases, kReady);
}

TEST_CASE("prometheus: options and mistakes") {
  const auto options_of = [](const std::string& lines) {
    return with_directive("prometheus", lines, kPrometheus);
  };
  CHECK(options_of("prometheus") == prometheus::Options{"localhost:9153", false});
  CHECK(options_of("prometheus :9153").address == ":9153");
  CHECK(options_of("prometheus 0.0.0.0:9153 {\nruntime_metrics\n}").runtime_metrics);
  CHECK(options_of("prometheus {\nruntime_metrics\nruntime_metrics\n}").runtime_metrics);
  CHECK(options_of("prometheus {\ntls web.yml\n}").tls == "web.yml");
  const BadLine cases[] = {
      {"prometheus\nprometheus", "3" + kOnce},
      {"prometheus :1 :2", arguments_after(2, ":2")},
      {"prometheus ::1", parsing(2, "address ::1: too many colons in address")},
      {"prometheus {\nruntime_metrics x\n}", arguments_after(3, "x")},
      {"prometheus {\ntls\n}", arguments_after(3, "tls")},
      {"prometheus {\ntls a b\n}", arguments_after(3, "b")},
      {"prometheus {\ntls a\ntls b\n}", parsing(4, "tls block already specified")},
      {"prometheus {\nfoo\n}", parsing(3, "unknown option: foo")},
      {"prometheus {\ntlss a\n}", parsing(3, "unknown option: tlss (did you mean 'tls'?)")},
  };
  check_mistakes("prometheus", cases, kPrometheus);
}

TEST_CASE("pprof: options and mistakes") {
  const auto parse = [](auto& cursor, const auto&) { return pprof::parse(cursor); };
  const auto options_of = [&](const std::string& lines) {
    return with_directive("pprof", lines, parse);
  };
  CHECK(options_of("pprof") == pprof::Options{"localhost:6053"});
  CHECK(options_of("pprof :6060 {\nblock\nblock 10\nblock -1\n}") == pprof::Options{":6060"});
  const BadLine cases[] = {
      {"pprof\npprof", "3" + kOnce},
      {"pprof a b", arguments_after(2, "b")},
      {"pprof foo", parsing(2, "address foo: missing port in address")},
      {"pprof {\nblock x\n}", parsing(3, "property 'block' invalid integer value 'x'")},
      {"pprof {\nblock 1 2\n}", arguments_after(3, "2")},
      {"pprof {\nblok\n}", parsing(3, "unknown property 'blok' (did you mean 'block'?)")},
  };
  check_mistakes("pprof", cases, parse);
}

TEST_CASE("pprof: pages") {
  const auto page = [](std::string_view path) {
    for (const pprof::Page& one : pprof::pages()) {
      if (one.path == path) return one.reply();
    }
    return http::HttpReply{404, ""};
  };
  CHECK(page("/debug/pprof").status == 302);
  CHECK(page("/debug/pprof").location == "/debug/pprof/");
  CHECK(page("/debug/pprof/").status == 200);
  CHECK(page("/debug/pprof/cmdline").body.find("test_plugins") != std::string::npos);
  CHECK(page("/debug/pprof/heap").body.find("\nin use        ") != std::string::npos);
  for (const char* name : {"profile", "heap", "allocs", "trace", "goroutine", "threadcreate",
                           "block", "mutex", "symbol"}) {
    CAPTURE(name);
    CHECK(page("/debug/pprof/" + std::string(name)).status == 501);
  }
}

}  // namespace fairlead::plugins
