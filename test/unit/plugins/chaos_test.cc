#include <doctest/doctest.h>

#include "net/host_name.h"
#include "plugins/chaos/setup.h"
#include "test/unit/plugins/served.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::chaos {
using namespace fairlead::plugins::testing;

namespace {

const auto kParse = [](auto& cursor, const auto&) { return plugins::chaos::parse(cursor); };

query::Turn passes_all(query::Walk& walk) {
  walk.answer().recursion_available = true;
  return query::Turn::Done;
}

}  // namespace

TEST_CASE("chaos: options and mistakes") {
  using Texts = std::vector<std::string>;
  const auto options_of = [](const std::string& lines) {
    return with_directive("chaos", lines, kParse);
  };
  const Texts ours = {"The Fairlead Authors"};
  CHECK(options_of("chaos") == plugins::chaos::Options{"", ours});
  CHECK(options_of("chaos VER-1") == plugins::chaos::Options{"VER-1", ours});
  CHECK(options_of("chaos \"a b\" bb aa bb") == plugins::chaos::Options{"a b", {"bb", "aa"}});
  CHECK(options_of("chaos one\nchaos two x").version == "one");
  const std::string longest(255, 'x');
  const auto cut = options_of("chaos " + longest + "v " + longest + "1 " + longest + "2");
  CHECK(cut == plugins::chaos::Options{longest, {longest}});
  CHECK(setup_error("chaos", "chaos {\nx\n}", kParse) == parsing(3, "unknown property 'x'"));
}

TEST_CASE("chaos: what is told about the server") {
  Served served("chaos VER-1 bb", passes_all);
  const std::string host = net::host_name();
  check(served,
        {
            {"Version.BIND. TXT class=CH", "NOERROR rd; answer Version.BIND. 0 CH TXT \"VER-1\""},
            {"version.server. TXT class=CH nord",
             "NOERROR; answer version.server. 0 CH TXT \"VER-1\""},
            {"authors.bind. TXT class=CH edns=1232,do",
             "NOERROR rd; edns version=0 size=1232 do; answer authors.bind. 0 CH TXT \"bb\""},
            {"version.bind. TXT", "NOERROR rd ra"},
            {"version.bind. A class=CH", "NOERROR rd ra"},
            {"foo.bind. TXT class=CH", "NOERROR rd ra"},
            {"version.bind. TXT class=HS", "NOERROR rd ra"},
        });
  for (const std::string name : {"id.server.", "hostname.bind."}) {
    CHECK(served.ask(name + " TXT class=CH") ==
          "NOERROR rd; answer " + name + " 0 CH TXT \"" + host + "\"");
  }
}

TEST_CASE("chaos: without arguments") {
  Served served("chaos");
  check(served, {
                    {"version.bind. TXT class=CH",
                     "NOERROR rd; answer version.bind. 0 CH TXT \"Fairlead-1.2.3\""},
                    {"authors.bind. TXT class=CH",
                     "NOERROR rd; answer authors.bind. 0 CH TXT \"The Fairlead Authors\""},
                    {"foo.bind. TXT class=CH", "SERVFAIL rd"},
                    {"foo.bind. TXT", "SERVFAIL rd"},
                });
}

TEST_CASE("chaos: other classes are refused where it is not") {
  Served served("whoami");
  CHECK(served.ask("version.bind. TXT class=CH") == "REFUSED rd");
}

TEST_CASE("chaos: authors come in any order; what does not fit is cut") {
  Served served("chaos v aa bb");
  bool in_order = false;
  bool turned = false;
  for (int i = 0; i < 200; ++i) {
    CHECK(served.ask("authors.bind. TXT class=CH") ==
          "NOERROR rd; answer authors.bind. 0 CH TXT \"aa\"; answer authors.bind. 0 CH TXT \"bb\"");
    const auto reply = scenarios::decode(served.reply());
    REQUIRE(reply);
    (reply->answer[0].ends_with("\"aa\"") ? in_order : turned) = true;
  }
  CHECK(in_order);
  CHECK(turned);

  std::string line = "chaos v";
  for (int i = 0; i < 40; ++i) line += " author-number-" + std::to_string(i);
  Served many(line);
  CHECK(many.ask("authors.bind. TXT class=CH") == "NOERROR tc rd");
  const auto reply = scenarios::decode(many.reply());
  REQUIRE(reply);
  CHECK(reply->answer.size() > 5);
}

}  // namespace fairlead::plugins::chaos
