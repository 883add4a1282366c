#include <doctest/doctest.h>

#include "plugins/header/setup.h"
#include "test/unit/plugins/served.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::header {
using namespace fairlead::plugins::testing;

namespace {

const auto kParse = [](auto& cursor, const auto&) { return plugins::header::parse(cursor); };

// An upstream that tells with which RD it was asked.
query::Turn upstream(query::Walk& walk) {
  if (walk.question().label(0) == "servfail") return walk.fail(dns::Rcode::ServFail);
  walk.answer().recursion_available = true;
  walk.answer().add_txt(dns::kQname, 5, walk.question().recursion_desired ? "rd" : "nord");
  return query::Turn::Done;
}

query::Turn block(query::Walk& walk) {
  walk.answer().rcode = dns::Rcode::Refused;
  return query::Turn::Done;
}

std::string header(const std::string& rules) {
  return "header {\n" + rules + "\n}";
}

}  // namespace

TEST_CASE("header: options") {
  const auto options_of = [](const std::string& lines) {
    return with_directive("header", lines, kParse);
  };
  using plugins::header::Options;
  CHECK(options_of(header("response set aa\nresponse clear ra\nresponse set ra\nquery set rd")) ==
        Options{.query = {.recursion_desired = true},
                .response = {.authoritative = true, .recursion_available = true}});
  CHECK(options_of(header("RESPONSE SET AA Ra\nQuery Clear RD")) ==
        Options{.query = {.recursion_desired = false},
                .response = {.authoritative = true, .recursion_available = true}});
  // All blocks count, in their order.
  CHECK(options_of("header {\n}\n" + header("response set aa") + "\n" +
                   header("response clear aa\nresponse set ra")) ==
        Options{.query = {}, .response = {.authoritative = false, .recursion_available = true}});
}

TEST_CASE("header: mistakes") {
  const auto rule = [](const char* text) {
    return parsing(3, std::string("setting up rule: ") + text);
  };
  const BadLine cases[] = {
      {header("foo"), rule("invalid selector=foo should be query or response")},
      {header("Foo set aa"), rule("invalid selector=foo should be query or response")},
      {header("query"), rule("no flag action provided")},
      {header("query set"), rule("invalid length for flags, at least one should be provided")},
      {header("query foo aa"), rule("unknown flag action=foo, should be set or clear")},
      {header("response set aa AD"), rule("unknown/unsupported flag=ad")},
      {"header", arguments_after(2, "header")},
      {"header {\n}", arguments_after(3, "}")},
      {"header x", arguments_after(2, "x")},
  };
  check_mistakes("header", cases, kParse);
}

TEST_CASE("header: flags of replies") {
  Served served(header("response set aa\nresponse clear ra\nresponse set ra\nquery set rd"),
                upstream);
  check(served, {
                    {"a.test. TXT", "NOERROR aa rd ra; answer a.test. 5 TXT \"rd\""},
                    {"a.test. TXT nord", "NOERROR aa rd ra; answer a.test. 5 TXT \"rd\""},
                    {"servfail.test. A", "SERVFAIL rd"},
                    {"servfail.test. A nord", "SERVFAIL rd"},
                });
  Served cleared(header("response clear aa rd"), upstream);
  check(cleared, {{"a.test. TXT", "NOERROR ra; answer a.test. 5 TXT \"rd\""}});
}

TEST_CASE("header: of two blocks both count") {
  Served served(header("response set aa") + "\n" + header("response clear aa\nresponse set ra") +
                "\nwhoami");
  CHECK(served.ask("x. A").starts_with("NOERROR rd ra; additional "));
}

TEST_CASE("header: what is asked") {
  Served served(header("query clear rd"), upstream);
  check(served, {
                    {"a.test. TXT", "NOERROR ra; answer a.test. 5 TXT \"nord\""},
                    {"a.test. TXT nord", "NOERROR ra; answer a.test. 5 TXT \"nord\""},
                    {"a.test. TXT edns=1232,do",
                     "NOERROR ra; edns version=0 size=1232 do; answer a.test. 5 TXT \"nord\""},
                });
}

TEST_CASE("header: who stands in front answers as it likes") {
  Served served(header("response set ra aa"), upstream, block);
  CHECK(served.ask("a.test. TXT") == "REFUSED rd");
}

}  // namespace fairlead::plugins::header
