#include "forward/outage.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "forward/upstream.h"

namespace fairlead::forward {
namespace {

using std::chrono::seconds;

const Outage::Time kStart{std::chrono::hours(5)};

/// What its listener hears, as text.
struct Heard {
  HealthListener listener() {
    return [this](const HealthChange& change) {
      lines.push_back(change.upstream + (change.down ? " down: " + std::string(change.why)
                                                     : " back after " + text_of(change.lasted)));
    };
  }
  static std::string text_of(std::chrono::nanoseconds time) {
    return std::to_string(std::chrono::duration_cast<seconds>(time).count());
  }
  std::vector<std::string> lines;
};

TEST_CASE("outage: told once when it begins and once when it is over") {
  Heard heard;
  const std::string name = "10.0.0.2:53";
  Outage outage(name, heard.listener());
  outage.over(kStart);
  CHECK_FALSE(outage.since());
  outage.goes_on(kStart, "no route");
  for (int i = 1; i < 1000; ++i) outage.goes_on(kStart + seconds(i), "i/o timeout");
  REQUIRE(outage.since());
  CHECK(outage.since()->began == kStart);
  CHECK(outage.since()->why == "i/o timeout");
  outage.over(kStart + seconds(1000));
  outage.over(kStart + seconds(1001));
  CHECK_FALSE(outage.since());
  CHECK(heard.lines ==
        std::vector<std::string>{"10.0.0.2:53 down: no route", "10.0.0.2:53 back after 1000"});
}

TEST_CASE("outage: one that comes and goes is told once a minute, and what lasts is told") {
  Heard heard;
  const std::string name = "u";
  Outage outage(name, heard.listener());
  for (int i = 0; i < 120; i += 2) {  // up and down each second, for two minutes
    outage.goes_on(kStart + seconds(i), "x");
    outage.over(kStart + seconds(i + 1));
  }
  const std::vector<std::string> flapping{"u down: x", "u back after 1", "u down: x",
                                          "u back after 1"};
  CHECK(heard.lines == flapping);
  // The last line is from second 60: this one begins too early, and is told when it has lasted.
  heard.lines.clear();
  outage.goes_on(kStart + seconds(100), "y");
  outage.goes_on(kStart + seconds(119), "y");
  CHECK(heard.lines.empty());
  outage.goes_on(kStart + seconds(121), "y");
  outage.over(kStart + seconds(122));
  CHECK(heard.lines == std::vector<std::string>{"u down: y", "u back after 22"});
}

TEST_CASE("outage: an upstream tells when more than max_fails questions in a row have failed") {
  Heard heard;
  Upstream upstream({.address = *dns::IpAddress::from_text("10.0.0.2")}, 2, 1, heard.listener());
  for (int i = 0; i < 2; ++i) upstream.note_failure({.since = kStart, .now = kStart, .why = "a"});
  CHECK(heard.lines.empty());
  CHECK_FALSE(upstream.totals().outage);
  upstream.note_failure({.since = kStart, .now = kStart, .why = "b"});
  CHECK(heard.lines == std::vector<std::string>{"10.0.0.2:53 down: b"});
  REQUIRE(upstream.totals().outage);
  CHECK(upstream.totals().outage->why == "b");
  upstream.note_reply(kStart + seconds(3));
  CHECK(heard.lines.back() == "10.0.0.2:53 back after 3");
  CHECK_FALSE(upstream.totals().outage);
}

TEST_CASE("outage: without health checks none is down, and nothing is told") {
  Heard heard;
  Upstream upstream({}, 0, 1, heard.listener());
  for (int i = 0; i < 100; ++i) upstream.note_failure({.since = kStart, .now = kStart, .why = "a"});
  upstream.note_reply(kStart + seconds(3));
  CHECK(heard.lines.empty());
}

}  // namespace
}  // namespace fairlead::forward
