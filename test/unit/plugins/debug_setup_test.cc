#include <doctest/doctest.h>

#include "plugins/debug/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::debug {
using namespace fairlead::plugins::testing;

namespace {

const auto kDebug = [](auto& cursor, const auto&) {
  debug::parse(cursor);
  return true;
};

}  // namespace

TEST_CASE("debug: mistakes") {
  CHECK(with_directive("debug", "debug\ndebug", kDebug));
  const BadLine cases[] = {{"debug x", arguments_after(2, "x")},
                           {"debug {\nx\n}", parsing(3, "unknown property 'x'")}};
  check_mistakes("debug", cases, kDebug);
}

}  // namespace fairlead::plugins::debug
