#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "net/clock.h"
#include "plugins/ready/notice.h"
#include "plugins/ready/setup.h"
#include "test/unit/plugins/surroundings.h"

namespace fairlead::plugins::ready {
using std::chrono::seconds;

namespace {

const net::Clock::time_point kStart{std::chrono::hours(5)};

std::string line(ready::Notice& notice, const Readiness::Report& report, seconds at) {
  return notice.of(report, kStart + at).value_or("-");
}

}  // namespace

TEST_CASE("ready: the reasons stand in the line, behind CoreDNS's words") {
  ready::Notice notice;
  CHECK(line(notice, {"erratic,kubernetes", "\nkubernetes: a\nkubernetes: b"}, seconds(0)) ==
        "Plugins not ready: \"erratic,kubernetes\"; kubernetes: a; kubernetes: b");
  CHECK(line(notice, {"erratic", ""}, seconds(1)) == "Plugins not ready: \"erratic\"");
}

TEST_CASE("ready: a line comes when it says something new, and once a minute") {
  ready::Notice notice;
  const Readiness::Report ready, waiting{"kubernetes", ""},
      forbidden{"kubernetes", "\nkubernetes: 403"};
  const std::string waits = "Plugins not ready: \"kubernetes\"";
  CHECK(line(notice, ready, seconds(0)) == "-");
  CHECK(line(notice, waiting, seconds(1)) == waits);
  CHECK(line(notice, waiting, seconds(2)) == "-");
  CHECK(line(notice, forbidden, seconds(3)) == waits + "; kubernetes: 403");
  for (int at = 4; at < 63; ++at) CHECK(line(notice, forbidden, seconds(at)) == "-");
  CHECK(line(notice, forbidden, seconds(63)) == waits + "; kubernetes: 403");
  CHECK(line(notice, forbidden, seconds(64)) == "-");
  CHECK(line(notice, ready, seconds(65)) == "-");
  CHECK(line(notice, forbidden, seconds(66)) == waits + "; kubernetes: 403");
}

TEST_CASE("ready: of many probes at two addresses one is logged, and each is answered") {
  plugins::testing::Surroundings around;
  around.readiness.set_serving();
  bool up = false;
  around.readiness.set({{"kubernetes", [&up] { return up; }, [] { return "\nkubernetes: 403"; }}},
                       {});
  Plan plan({}, {});
  for (const char* address : {":8181", ":8182"}) {
    corefile::Directive written{
        .name = "ready", .tokens = {{.text = "ready", .starts_line = true}, {.text = address}}};
    corefile::Cursor cursor(written);
    plan.set_reading("ready");
    ready::read(cursor, plan);
  }
  const Built built = Building(plan, {}, around.site, "hash", nullptr).build();
  REQUIRE(built.routes.size() == 2);
  for (int i = 0; i < 10; ++i) {
    for (const http::HttpRoute& route : built.routes) {
      const http::HttpReply reply = route.handler();
      CHECK(reply.status == 503);
      CHECK(reply.body == "kubernetes\nkubernetes: 403");
    }
  }
  up = true;
  CHECK(built.routes[0].handler().body == "OK");
  around.log.flush(std::chrono::seconds(1));
  CHECK(around.pipe.now() ==
        "[INFO] plugin/ready: Plugins not ready: \"kubernetes\"; kubernetes: 403\n");
}

}  // namespace fairlead::plugins::ready
