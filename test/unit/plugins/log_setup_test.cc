#include <doctest/doctest.h>

#include "plugins/log/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::log {
using namespace fairlead::plugins::testing;
using plugins::Field;

namespace {

const auto kRun = [](auto& cursor, const auto&) { return log::parse(cursor); };

// `zone:classes` of each rule.
std::string rules_of(const std::string& lines) {
  std::string out;
  for (const auto& rule : with_directive("log", lines, kRun).rules) {
    out += rule.zone + ":" + std::to_string(rule.classes) + " ";
  }
  return out;
}

std::vector<Piece> format_of(const std::string& lines) {
  return with_directive("log", lines, kRun).rules.at(0).format;
}

}  // namespace

TEST_CASE("log: zones and classes") {
  CHECK(rules_of("log") == ".:7 ");
  CHECK(rules_of("log Example.org") == "example.org.:7 ");
  CHECK(rules_of("log a b \"{common}\"") == "a.:7 b.:7 ");
  CHECK(rules_of("log . {\nclass error\n}") == ".:4 ");
  CHECK(rules_of("log a b {\nclass denial error\n}") == "a.:6 b.:6 ");
  CHECK(rules_of("log {\nclass success\nclass denial\n}") == ".:3 ");
  CHECK(rules_of("log {\nclass all\n}") == ".:7 ");
  CHECK(rules_of("log a\nlog b {\nclass success\n}") == "a.:7 b.:1 ");
  CHECK(rules_of("log 10.0.0.0/23") == "0.0.10.in-addr.arpa.:7 1.0.10.in-addr.arpa.:7 ");
}

TEST_CASE("log: the format needs a zone before it and a brace in it") {
  const auto common = parse_format(log::kCommonFormat);
  CHECK(format_of("log") == common);
  CHECK(format_of("log . \"{common}\"") == common);
  CHECK(format_of("log . \"{combined}\"") == parse_format(log::kCombinedFormat));
  CHECK(format_of("log . plain") == common);
  CHECK(rules_of("log . plain") == ".:7 plain.:7 ");
  CHECK(format_of("log . \"{name} {type}\"") ==
        std::vector<Piece>{{Field::Name, ""}, {Field::Literal, " "}, {Field::Type, ""}});
}

TEST_CASE("log: placeholders") {
  using P = Piece;
  CHECK(parse_format("").empty());
  CHECK(parse_format("text") == std::vector<P>{{Field::Literal, "text"}});
  CHECK(parse_format("{remote}:{port}") ==
        std::vector<P>{{Field::Remote, ""}, {Field::Literal, ":"}, {Field::Port, ""}});
  CHECK(parse_format("{/kubernetes/service}") ==
        std::vector<P>{{Field::Meta, "kubernetes/service"}});
  for (const char* text : {"{unknown}", "{", "}", "{}", "{/}", "{/open", "{>nothing}", "{NAME}"}) {
    CAPTURE(text);
    CHECK(parse_format(text) == std::vector<P>{{Field::Literal, text}});
  }
  CHECK(parse_format("{{name}}") ==
        std::vector<P>{{Field::Literal, "{"}, {Field::Name, ""}, {Field::Literal, "}"}});
  CHECK(parse_format(
            "{type}{class}{name}{proto}{size}{remote}{port}{local}{>id}{>opcode}{>do}{>bufsize}"
            "{rcode}{rsize}{duration}{>rflags}")
            .size() == 16);
  CHECK(parse_format(log::kCommonFormat).front() == P{Field::Remote, ""});
  CHECK(parse_format(log::kCommonFormat).back() == P{Field::Duration, ""});
}

TEST_CASE("log: mistakes") {
  const BadLine cases[] = {
      {"log {\nclass\n}", arguments_after(3, "class")},
      {"log {\nclass loud\n}", parsing(3, "invalid Class: loud")},
      {"log {\nother\n}", parsing(3, "unknown property 'other'")},
      {"log a..b", parsing(2, "zone is not a valid domain name: a..b")},
      {"log . \"{" + std::string(10'000, 'x') + "\"", parsing(2, "the log format is too long")},
  };
  check_mistakes("log", cases, kRun);
}

}  // namespace fairlead::plugins::log
