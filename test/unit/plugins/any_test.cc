#include <doctest/doctest.h>

#include "plugins/any/setup.h"
#include "test/unit/plugins/served.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::any {
using namespace fairlead::plugins::testing;

namespace {

// "ANY obsoleted", "See RFC 8482"
#define HINFO "8482 HINFO \\# 27 0d414e59206f62736f6c657465640c536565205246432038343832"

}  // namespace

TEST_CASE("any: mistakes") {
  const auto parse = [](auto& cursor, const auto&) { plugins::any::parse(cursor); };
  const auto error = [&](const std::string& lines) { return setup_error("any", lines, parse); };
  CHECK(error("any").empty());
  CHECK(error("any\nany").empty());
  CHECK(error("any a") == arguments_after(2, "a"));
  CHECK(error("any {\nx\n}") == parsing(2, "Unexpected token '{', expecting argument"));
  CHECK(error("any {\n}") == parsing(2, "Unexpected token '{', expecting argument"));
}

TEST_CASE("any: type ANY has one record, whatever the name and class") {
  Served served("any\nchaos\nwhoami");
  check(served, {
                    {"Foo.test. ANY", "NOERROR rd; answer Foo.test. " HINFO},
                    {". ANY nord", "NOERROR; answer . " HINFO},
                    {"foo.test. ANY edns=1232,do",
                     "NOERROR rd; edns version=0 size=1232 do; answer foo.test. " HINFO},
                    {"version.bind. ANY class=CH", "NOERROR rd; answer version.bind. " HINFO},
                });
  CHECK(served.ask("foo.test. A").starts_with("NOERROR aa rd; additional "));
}

}  // namespace fairlead::plugins::any
