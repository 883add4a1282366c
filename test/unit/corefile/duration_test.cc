#include "corefile/duration.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace fairlead::corefile;

TEST_CASE("duration: Go's syntax") {
  struct {
    const char* text;
    int64_t nanoseconds;
  } const cases[] = {
      {"0", 0},
      {"0s", 0},
      {"5s", 5'000'000'000},
      {"+5s", 5'000'000'000},
      {"-5s", -5'000'000'000},
      {"300ms", 300'000'000},
      {"1.5h", 5'400'000'000'000},
      {"1h2m3.5s", 3'723'500'000'000},
      {"2m", 120'000'000'000},
      {"7us", 7'000},
      {"7\xC2\xB5s", 7'000},
      {"7\xCE\xBCs", 7'000},
      {"9ns", 9},
      {".5s", 500'000'000},
      {"1.s", 1'000'000'000},
      {"5001ms", 5'001'000'000},
      {"0.1000000000000000000000001s", 100'000'000},
      {"9223372036854775807ns", INT64_MAX},
      {"-9223372036854775808ns", INT64_MIN},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(parse_duration(c.text).count() == c.nanoseconds);
  }
}

TEST_CASE("duration: errors in Go's words") {
  struct {
    const char* text;
    const char* expected;
  } const cases[] = {
      {"", "time: invalid duration \"\""},
      {"-", "time: invalid duration \"-\""},
      {"x", "time: invalid duration \"x\""},
      {".", "time: invalid duration \".\""},
      {".s", "time: invalid duration \".s\""},
      {"5", "time: missing unit in duration \"5\""},
      {"1h5", "time: missing unit in duration \"1h5\""},
      {"5d", "time: unknown unit \"d\" in duration \"5d\""},
      {"1 s", "time: unknown unit \" s\" in duration \"1 s\""},
      {"9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""},
      {"99999999999999999999h", "time: invalid duration \"99999999999999999999h\""},
      {"3000000h", "time: invalid duration \"3000000h\""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK_THROWS_WITH_AS(parse_duration(c.text), c.expected, std::invalid_argument);
  }
}

TEST_CASE("duration: printed as Go prints it") {
  using namespace std::chrono;
  CHECK(format_duration(0ns) == "0s");
  CHECK(format_duration(9ns) == "9ns");
  CHECK(format_duration(1500ns) == "1.5\xC2\xB5s");
  CHECK(format_duration(250ms) == "250ms");
  CHECK(format_duration(1500ms) == "1.5s");
  CHECK(format_duration(30s) == "30s");
  CHECK(format_duration(1h) == "1h0m0s");
  CHECK(format_duration(-90s) == "-1m30s");
  CHECK(format_duration(nanoseconds::min()) == "-2562047h47m16.854775808s");
}
