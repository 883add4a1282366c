#include "plugins/rewrite/name_text.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "dns/name.h"
#include "plugins/rewrite/setup.h"
#include "test/unit/plugins/setup_support.h"

using namespace fairlead;
using namespace fairlead::plugins::rewrite;
using namespace fairlead::plugins::testing;

namespace {

// What the name rule makes of `name`; "-" when it is not for it.
std::string made(const std::string& words, const std::string& name, const LabelValue& label = {}) {
  const auto rules = with_directive("rewrite", "rewrite name " + words,
                                    [](auto& cursor, const auto&) { return parse(cursor); });
  const auto& rule = std::get<NameRule>(rules.at(0).what);
  return apply({rule.match, rule.to, rule.whole}, name, label).value_or("-");
}

std::string text_of(const std::string& name) {
  std::string out = "what was there";
  write_text(dns::Name::from_text(name)->view(), out);
  return out;
}

}  // namespace

TEST_CASE("rewrite: names as text") {
  CHECK(text_of(".") == ".");
  CHECK(text_of("a.B-c_d.test") == "a.B-c_d.test.");
  for (const char* const name : {R"(a\.b.test)", R"(\000\255.test)", R"(a\\b.)", R"(a\"b.)"}) {
    CAPTURE(name);
    CHECK(text_of(name) == dns::to_text(dns::Name::from_text(name)->view()));
  }
}

TEST_CASE("rewrite: what each kind makes of a name") {
  CHECK(made("exact a.test b", "a.test.") == "b.");
  CHECK(made("exact a.test b", "aa.test.") == "-");
  CHECK(made("prefix a. b.", "a.test.") == "b.test.");
  CHECK(made("prefix a b", "a.test.") == "b.test.");
  CHECK(made("prefix a b", "aa.test.") == "-");
  CHECK(made("suffix .test .org", "a.test.") == "a.org.");
  CHECK(made("suffix .test .org", "test.") == "-");
  CHECK(made("suffix .zoo .", "a.zoo.") == "a.");
  CHECK(made("substring sub.test org", "a.sub.test.sub.test.") == "a.org.org.");
  CHECK(made("substring a a.a", "a.a.") == "a.a.a.a.");
  CHECK(made("substring b.c x", "a.bc.") == "-");
}

TEST_CASE("rewrite: an expression's groups") {
  CHECK(made(R"(regex ^(.)(\.)(.*) {3}{1}{0})", "a.b.") == "b.aa.b..");
  CHECK(made(R"(regex (x)?b {1}.c)", "a.b.") == ".c.");
  CHECK(made("regex (a)(b) {3}{2}{x}", "ab.") == "{3}b{x}.");
  // What a group has found is not read again.
  CHECK(made("regex (.*)(z)? {1}", "{2}.") == "{2}..");
}

TEST_CASE("rewrite: labels of metadata in a name") {
  const LabelValue label = [](const std::string& name) {
    return name == "view/name" ? std::string("VV{1}") : std::string();
  };
  const std::string rule = R"(regex ^([^.]+)\.m\.test\.$ {1}.{view/name}.backend.test metadata)";
  CHECK(made(rule, "x.m.test.", label) == "x.vv{1}.backend.test.");
  CHECK(made(rule, "x.m.test.") == "-");
  CHECK(made("regex x {nope/x}.test metadata", "x.", label) == "-");
  CHECK(made("regex x {View/name}.test metadata", "x.", label) == "-");
}
