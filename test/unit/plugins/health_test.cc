#include "plugins/health/health.h"

#include <doctest/doctest.h>

#include <string>

#include "metrics/metrics.h"
#include "net/asio.h"
#include "test/unit/support/pipe.h"

namespace fairlead::plugins::health {
using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 20s;  // only a failing test waits this long

struct Fixture {
  Fixture() {
    metrics.collect_from([this](metrics::FamilySet& set) {
      families->duration.collect(set.others());
      families->failures.collect(set.others());
    });
  }

  /// Runs the loop until the text of the metrics holds `line`.
  bool run_until(const std::string& line) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < end) {
      io.run_one_for(100ms);
      if (metrics.text().find("\n" + line + "\n") != std::string::npos) return true;
    }
    return false;
  }

  std::string logged() {
    CHECK(log.flush(kPatience));
    return pipe.now();
  }

  test::Pipe pipe;
  net::LogSink log{pipe.write.get()};
  std::shared_ptr<plugins::health::Families> families =
      std::make_shared<plugins::health::Families>();
  metrics::Metrics metrics{1, "1.2.3"};
  asio::io_context io;
};

}  // namespace

TEST_CASE("health: the probe measures the endpoint") {
  Fixture f;
  http::HttpServer http(f.io);
  const std::string any = "127.0.0.1:0";
  REQUIRE_FALSE(http.apply({{any, "/health", plugins::health::health_reply}}));
  const plugins::health::HealthProbe probe(f.io, "127.0.0.1:" + std::to_string(http.port(any)),
                                           f.families, f.log);
  CHECK(f.run_until("coredns_health_request_duration_seconds_count 1"));
  CHECK(f.metrics.text().find("\ncoredns_health_request_failures_total 0\n") != std::string::npos);
  CHECK(f.logged().empty());
}

TEST_CASE("health: a probe that finds nobody is a failure and a warning, and is repeated") {
  Fixture f;
  std::string address;
  {
    http::HttpServer http(f.io);
    REQUIRE_FALSE(http.apply({{"127.0.0.1:0", "/health", plugins::health::health_reply}}));
    address = "127.0.0.1:" + std::to_string(http.port("127.0.0.1:0"));
  }
  const plugins::health::HealthProbe probe(f.io, address, f.families, f.log);
  CHECK(f.run_until("coredns_health_request_failures_total 2"));
  CHECK(f.logged().rfind("[WARNING] plugin/health: Local health request to \"http://" + address +
                             "/health\" failed: ",
                         0) == 0);
}

TEST_CASE("health: a probe that is gone leaves nothing running") {
  Fixture f;
  { const plugins::health::HealthProbe probe(f.io, ":1", f.families, f.log); }
  f.io.run_for(kPatience);
  CHECK(f.io.stopped());
}

}  // namespace fairlead::plugins::health
