#include <doctest/doctest.h>

#include "plugins/plan.h"
#include "plugins/timeouts/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::timeouts {
using namespace fairlead::plugins::testing;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const auto kTimeouts = [](auto& cursor, const auto&) { return timeouts::parse(cursor); };

}  // namespace

TEST_CASE("timeouts: options") {
  const auto options_of = [](const std::string& lines) {
    return with_directive("timeouts", "timeouts {\n" + lines + "\n}", kTimeouts);
  };
  CHECK(options_of("read 5") == ConnectionSettings{.read = seconds(5)});
  CHECK(options_of("idle 1m30s") == ConnectionSettings{.idle = seconds(90)});
  CHECK(options_of("write 24h") == ConnectionSettings{.write = hours(24)});
  CHECK(options_of("maxtcpqueries -1") == ConnectionSettings{.max_queries = -1});
  CHECK(options_of("read 1s\nidle 2\nwrite 3m\nmaxtcpqueries 7") ==
        ConnectionSettings{
            .read = seconds(1), .idle = seconds(2), .write = minutes(3), .max_queries = 7});
  CHECK(options_of("read 1s\nread 2s\n}\ntimeouts {\nidle 3s") ==
        ConnectionSettings{.read = seconds(2), .idle = seconds(3)});
}

TEST_CASE("timeouts: mistakes") {
  const std::string range = "' needs to be between 1 second and 24 hours";
  const std::string positive = "' needs to be -1 (unlimited) or a positive integer";
  const BadLine cases[] = {
      {"timeouts {\nread 0s\n}", parsing(3, "timeout provided '0s" + range)},
      {"timeouts {\nread 0\n}", parsing(3, "timeout provided '0s" + range)},
      {"timeouts {\nidle 999ms\n}", parsing(3, "timeout provided '999ms" + range)},
      {"timeouts {\nread 25h\n}", parsing(3, "timeout provided '25h0m0s" + range)},
      {"timeouts {\nwrite -1\n}", parsing(3, "timeout provided '-1s" + range)},
      {"timeouts {\nread x\n}", parsing(3, "failed to parse duration 'x'")},
      {"timeouts {\nfoo 5s\n}", parsing(3, "unknown option: 'foo'")},
      {"timeouts {\nfoo x\n}", parsing(3, "failed to parse duration 'x'")},
      {"timeouts {\nmaxtcpqueries 0\n}", parsing(3, "maxtcpqueries provided '0" + positive)},
      {"timeouts {\nmaxtcpqueries -2\n}", parsing(3, "maxtcpqueries provided '-2" + positive)},
      {"timeouts {\nmaxtcpqueries x\n}",
       parsing(3,
               "invalid value for maxtcpqueries 'x': strconv.Atoi: parsing \"x\": invalid "
               "syntax")},
      {"timeouts {\nread\n}", arguments_after(3, "read")},
      {"timeouts {\nread 1s 2s\n}", arguments_after(3, "2s")},
      {"timeouts 5s", arguments_after(2, "5s")},
      {"timeouts", parsing(2, "timeouts block with no timeouts specified")},
      {"timeouts {\n}", parsing(3, "timeouts block with no timeouts specified")},
  };
  check_mistakes("timeouts", cases, kTimeouts);
}

}  // namespace fairlead::plugins::timeouts
