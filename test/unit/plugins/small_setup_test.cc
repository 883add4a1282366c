// reload, loadbalance, loop and whoami.
#include <doctest/doctest.h>

#include "plugins/loadbalance/setup.h"
#include "plugins/loop/setup.h"
#include "plugins/reload/setup.h"
#include "plugins/whoami/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins {
using namespace fairlead::plugins::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const auto kReload = [](auto& cursor, const auto&) { return reload::parse(cursor); };
const auto kLoadbalance = [](auto& cursor, const auto& context) {
  return loadbalance::parse(cursor, context);
};
const auto kLoop = [](auto& cursor, const auto& context) { return loop::parse(cursor, context); };
const auto kWhoami = [](auto& cursor, const auto&) { return whoami::parse(cursor); };

}  // namespace

TEST_CASE("reload: options and mistakes") {
  const auto options_of = [](const std::string& lines) {
    return with_directive("reload", lines, kReload);
  };
  CHECK(options_of("reload") == reload::Options{seconds(30), seconds(15)});
  CHECK(options_of("reload 10s") == reload::Options{seconds(10), seconds(5)});
  CHECK(options_of("reload 2s 1s") == reload::Options{seconds(2), seconds(1)});
  CHECK(options_of("reload 3s 5s") == reload::Options{seconds(3), milliseconds(1500)});
  CHECK(options_of("reload 10s 0") == reload::Options{seconds(10), seconds(0)});
  CHECK(options_of("reload 10s\nreload 20s").interval == seconds(10));
  const BadLine cases[] = {
      {"reload 1s", parsing(2, "interval value must be greater or equal to 2s")},
      {"reload 0", parsing(2, "interval value must be greater or equal to 2s")},
      {"reload 10s 500ms", parsing(2, "jitter value must be greater or equal to 1s")},
      {"reload 10s -1s", parsing(2, "jitter value must be greater or equal to 1s")},
      {"reload 10", parsing(2, "time: missing unit in duration \"10\"")},
      {"reload 10s x", parsing(2, "time: invalid duration \"x\"")},
      {"reload 10s 5s 1s", arguments_after(2, "1s")},
      {"reload {\nx\n}", parsing(3, "unknown property 'x'")},
      {"reload\nreload 1s", parsing(3, "interval value must be greater or equal to 2s")},
  };
  check_mistakes("reload", cases, kReload);
}

TEST_CASE("loadbalance: options and mistakes") {
  const auto options_of = [](const std::string& lines) {
    return with_directive("loadbalance", lines, kLoadbalance);
  };
  CHECK(options_of("loadbalance").prefer.empty());
  CHECK(options_of("loadbalance round_robin").prefer.empty());
  const auto prefer =
      options_of("loadbalance {\nprefer 10.1.2.3/8 fd00::/8\nprefer 192.168.0.0/16\n}").prefer;
  REQUIRE(prefer.size() == 3);
  CHECK(prefer[0] == fairlead::corefile::Subnet{{10, 0, 0, 0}, 8});
  CHECK(prefer[1].address.size() == 16);
  CHECK(prefer[2].prefix == 16);
  const auto weighted = options_of("loadbalance weighted /w {\nreload 1m\n}").weighted;
  CHECK(weighted == loadbalance::WeightFile{"/w", std::chrono::minutes(1)});
  CHECK(options_of("loadbalance weighted /w").weighted->reload == seconds(30));
  const BadLine cases[] = {
      {"loadbalance fastest", parsing(2, "unknown policy: fastest")},
      {"loadbalance round_robin x", parsing(2, "unknown property for round_robin")},
      {"loadbalance weighted", parsing(2, "missing weight file argument")},
      {"loadbalance {\nprefer 10.0.0.0\n}",
       parsing(3, "invalid CIDR \"10.0.0.0\": invalid CIDR address: 10.0.0.0")},
      {"loadbalance {\nx\n}", parsing(3, "unknown property 'x'")},
  };
  check_mistakes("loadbalance", cases, kLoadbalance);
}

TEST_CASE("loop: options and mistakes") {
  CHECK(with_directive("loop", "loop", kLoop).zones == std::vector<std::string>{"example.org."});
  CHECK(setup_error("loop", "loop\nloop", kLoop) == "3" + kOnce);
  CHECK(setup_error("loop", "loop x", kLoop) == arguments_after(2, "x"));
  CHECK(setup_error("loop", "loop {\nx\n}", kLoop) == parsing(3, "unknown property 'x'"));
}

TEST_CASE("whoami: mistakes") {
  CHECK(setup_error("whoami", "whoami", kWhoami).empty());
  CHECK(setup_error("whoami", "whoami x", kWhoami) == arguments_after(2, "x"));
  CHECK(setup_error("whoami", "whoami {\nx\n}", kWhoami) == parsing(3, "unknown property 'x'"));
}

}  // namespace fairlead::plugins
