#include <doctest/doctest.h>

#include "plugins/bufsize/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::bufsize {
using namespace fairlead::plugins::testing;

namespace {

const auto kRun = [](auto& cursor, const auto&) { return bufsize::parse(cursor); };

}  // namespace

TEST_CASE("bufsize: sizes") {
  const auto size_of = [](const std::string& lines) {
    return with_directive("bufsize", lines, kRun).size;
  };
  CHECK(size_of("bufsize") == 1232);
  CHECK(size_of("bufsize 512") == 512);
  CHECK(size_of("bufsize 4096") == 4096);
  CHECK(size_of("bufsize 600\nbufsize 700") == 600);
}

TEST_CASE("bufsize: mistakes") {
  const BadLine cases[] = {
      {"bufsize 511", arguments_after(2, "511")},
      {"bufsize 4097", arguments_after(2, "4097")},
      {"bufsize 70000", arguments_after(2, "70000")},
      {"bufsize -1", arguments_after(2, "-1")},
      {"bufsize x", arguments_after(2, "x")},
      {"bufsize 1232x", arguments_after(2, "1232x")},
      {"bufsize \"\"", arguments_after(2, "")},
      {"bufsize 512 512", arguments_after(2, "512")},
      {"bufsize 512\nbufsize x", arguments_after(3, "x")},
      {"bufsize {\nx\n}", parsing(3, "unknown property 'x'")},
  };
  check_mistakes("bufsize", cases, kRun);
}

}  // namespace fairlead::plugins::bufsize
