#include "net/log_json.h"

#include <doctest/doctest.h>

#include <utility>

using namespace fairlead::net;

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

}  // namespace

TEST_CASE("json log: a text becomes one JSON string, whatever is in it") {
  const std::pair<std::string, std::string> cases[] = {
      {"", R"("")"},
      {"a \"b\" \\ c", R"("a \"b\" \\ c")"},
      {"two\nlines\r\t\x1b\x7f", R"("two\nlines\u000d\u0009\u001b\u007f")"},
      {std::string("\0", 1), R"("\u0000")"},
      {"b\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", "\"b\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\""},
      // Cut off, alone, longer than need be, a surrogate, beyond the last character.
      {"\xc3", "\"\xef\xbf\xbd\""},
      {"\x80x", "\"\xef\xbf\xbdx\""},
      {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
      {"\xe0\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
      {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
      {"\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
  };
  for (const auto& [text, json] : cases) {
    CAPTURE(json);
    CHECK(quoted(text) == json);
  }
}

TEST_CASE("json log: what each line begins with") {
  using namespace std::chrono;
  const system_clock::time_point now{seconds(1'700'000'000) + microseconds(42)};
  std::string line;
  begin_json_line(now, "WARN", "health", "slow", line);
  CHECK(
      line ==
      R"({"time":"2023-11-14T22:13:20.000042000Z","level":"WARN","msg":"slow","plugin":"health")");
  line.clear();
  begin_json_line(system_clock::time_point(nanoseconds(-1)), "INFO", "", "a", line);
  CHECK(line == R"({"time":"1969-12-31T23:59:59.999999999Z","level":"INFO","msg":"a")");
}
