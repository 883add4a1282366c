#include <doctest/doctest.h>

#include <vector>

#include "plugins/bind/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::bind {
using namespace fairlead::plugins::testing;

namespace {

const auto kRun = [](auto& cursor, const auto&) { return bind::parse(cursor); };

}  // namespace

TEST_CASE("bind: each line with its own exceptions, words as written") {
  const bind::Options options = with_directive(
      "bind", "bind lo 127.0.0.1 {\nexcept ::1\nexcept eth0 fd00::5\n}\nbind eth9", kRun);
  const std::vector<bind::Line> expected{{{"lo", "127.0.0.1"}, {"::1", "eth0", "fd00::5"}},
                                         {{"eth9"}, {}}};
  CHECK(options.lines == expected);
}

TEST_CASE("bind: mistakes") {
  const BadLine cases[] = {
      {"bind", parsing(2, "at least one address or interface name is expected")},
      {"bind {\nexcept lo\n}", parsing(2, "at least one address or interface name is expected")},
      {"bind lo {\nexcept\n}",
       parsing(3, "at least one address or interface must be given to except subdirective")},
      {"bind lo {\nbut lo\n}", parsing(3, "invalid option \"but\"")},
  };
  check_mistakes("bind", cases, kRun);
}

}  // namespace fairlead::plugins::bind
