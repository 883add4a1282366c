#include "plugins/template/setup.h"

#include <doctest/doctest.h>

#include <string>

#include "plugins/template/warnings.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::templates {
using namespace fairlead::plugins::testing;

namespace {

std::string error(const std::string& line) {
  return setup_error("template", "template IN A {\n" + line + "\n}",
                     [](auto& cursor, const auto& context) { parse(cursor, context); });
}

Options options(const std::string& lines) {
  return with_directive("template", lines,
                        [](auto& cursor, const auto& context) { return parse(cursor, context); });
}

}  // namespace

TEST_CASE("template: expressions that do not compile are shown with their place") {
  const std::string what = "could not compile expression: ";
  CHECK(error("var x foo") == parsing(3, what + "x, unknown name foo (1:1)\n | foo\n | ^"));
  CHECK(error("expr name() == 1") ==
        parsing(3, what + "invalid operation: == (mismatched types string and int) (1:8)\n"
                          " | name() == 1\n | .......^"));
  CHECK(error("expr group()") ==
        parsing(3, what + "not enough arguments to call group (1:1)\n | group()\n | ^"));
  CHECK(error("var x 1\nexpr y == 1") ==
        parsing(4, what + "unknown name y (1:1)\n | y == 1\n | ^"));
  CHECK(error("var x 1\nvar y x + 1\nexpr y == 2").empty());
}

TEST_CASE("template: what is read of its lines") {
  const Options read = options(
      "template in type65 {\nmatch a b\nrcode notimpl\nederror 7\nfallthrough a.org\n}\n"
      "template CLASS3 ANY 10.1.0.0/16 {\nanswer a b\nederror 8 why\n}");
  REQUIRE(read.rules.size() == 2);
  const Rule& first = read.rules[0];
  CHECK(first.rr_class == dns::RrClass::In);
  CHECK(first.type == dns::RrType::Https);
  CHECK(first.zones == std::vector<std::string>{"example.org."});
  CHECK(first.patterns.size() == 2);
  CHECK(first.rcode == dns::Rcode::NotImp);
  CHECK(first.extended_error->code == 7);
  CHECK(first.fall_through == std::vector<std::string>{"a.org."});
  const Rule& second = read.rules[1];
  CHECK(second.rr_class == dns::RrClass::Ch);
  CHECK(second.type == dns::RrType::Any);
  CHECK(second.zones == std::vector<std::string>{"1.10.in-addr.arpa."});
  CHECK(second.answers.size() == 2);
  CHECK(second.extended_error->text == "why");
  CHECK(second.fall_through.empty());
}

TEST_CASE("template: names of groups in both of Go's spellings") {
  const Pattern pattern("^(?<a>[^(?<x>]+)-(?P<b>.)\\(?<[(?<]$");
  std::vector<std::string_view> matches;
  REQUIRE(pattern.find("ab-c(<?", matches));
  CHECK(matches == std::vector<std::string_view>{"ab-c(<?", "ab", "c"});
  CHECK(pattern.group_names().size() == 2);
  CHECK_THROWS_AS(Pattern("(?<a"), PatternError);
}

}  // namespace fairlead::plugins::templates
