#include <doctest/doctest.h>

#include "plugins/cancel/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::cancel {
using namespace fairlead::plugins::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const auto kCancel = [](auto& cursor, const auto&) { return cancel::parse(cursor); };

}  // namespace

TEST_CASE("cancel: the time, and mistakes") {
  const auto timeout_of = [](const std::string& lines) {
    return with_directive("cancel", lines, kCancel).timeout;
  };
  CHECK(timeout_of("cancel") == milliseconds(5001));
  CHECK(timeout_of("cancel 500ms") == milliseconds(500));
  CHECK(timeout_of("cancel 1m30s") == seconds(90));
  CHECK(timeout_of("cancel 1s\ncancel 2s") == seconds(2));
  CHECK(timeout_of("cancel 1s\ncancel") == milliseconds(5001));
  const BadLine cases[] = {
      {"cancel 5", parsing(2, "invalid duration: \"5\"")},
      {"cancel x", parsing(2, "invalid duration: \"x\"")},
      {"cancel 0s", parsing(2, "invalid negative duration: \"0s\"")},
      {"cancel -1s", parsing(2, "invalid negative duration: \"-1s\"")},
      {"cancel 1s 2s", arguments_after(2, "2s")},
      {"cancel 1s\ncancel x", parsing(3, "invalid duration: \"x\"")},
      {"cancel {\nx\n}", parsing(3, "unknown property 'x'")},
  };
  check_mistakes("cancel", cases, kCancel);
}

}  // namespace fairlead::plugins::cancel
