#include "plugins/rewrite/matcher.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/rewrite/name_text.h"
#include "plugins/rewrite/rules.h"

using namespace fairlead;
using namespace fairlead::plugins::rewrite;

namespace {

using Kind = Match::Kind;

Rule ttl_rule(Kind kind, const std::string& from) {
  TtlRule rule;
  rule.match.kind = kind;
  rule.match.from = from;
  if (kind == Kind::Regex) rule.match.pattern = compile(from);
  return Rule{.what = rule};
}

std::vector<uint32_t> found_by(const Matcher& matcher, std::string_view name) {
  std::vector<uint32_t> found;
  matcher.find(name, 0, found);
  return found;
}

using Numbers = std::vector<uint32_t>;

}  // namespace

TEST_CASE("rewrite: the rules for a name, in their order") {
  const std::vector<Rule> rules{
      ttl_rule(Kind::Suffix, ".test."),  ttl_rule(Kind::Exact, "a.test."),
      ttl_rule(Kind::Regex, "^a\\."),    ttl_rule(Kind::Prefix, "a."),
      ttl_rule(Kind::Substring, ".te"),  Rule{.what = TypeRule{}},
      ttl_rule(Kind::Suffix, "."),       ttl_rule(Kind::Exact, "b.test."),
      ttl_rule(Kind::Substring, "(x)."), ttl_rule(Kind::Exact, "."),
      ttl_rule(Kind::Exact, "a."),
  };
  const Matcher matcher(rules, 2);
  CHECK(found_by(matcher, "a.test.") == Numbers{0, 1, 2, 3, 4, 5, 6});
  CHECK(found_by(matcher, "b.test.") == Numbers{0, 4, 5, 6, 7});
  CHECK(found_by(matcher, "aa.test.") == Numbers{0, 4, 5, 6});
  CHECK(found_by(matcher, "test.") == Numbers{5, 6});
  CHECK(found_by(matcher, ".") == Numbers{5, 6, 9});
  CHECK(found_by(matcher, "a.") == Numbers{2, 3, 5, 6, 10});
  CHECK(found_by(matcher, "y.(x).org.") == Numbers{5, 6, 8});
  std::vector<uint32_t> found{99};
  matcher.find("b.test.", 1, found);
  CHECK(found == Numbers{0, 4, 5, 6, 7});
  CHECK(found_by(Matcher({}, 1), "a.test.").empty());
}

TEST_CASE("rewrite: what is longer than a name is for none") {
  const std::string longest(1024, 'a');
  const std::vector<Rule> rules{ttl_rule(Kind::Prefix, longest + "a"),
                                ttl_rule(Kind::Suffix, longest)};
  const Matcher matcher(rules, 1);
  CHECK(found_by(matcher, longest) == Numbers{1});
  CHECK(found_by(matcher, longest + "a") == Numbers{1});
}

TEST_CASE("rewrite: the rules for a name are those that match it one by one") {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same each time
  const auto text = [&random](size_t most) {
    std::string out;
    for (size_t size = random() % most + 1; size > 0; --size) out += "ab."[random() % 3];
    return out;
  };
  std::vector<Rule> rules;
  for (int i = 0; i < 120; ++i) {
    const auto kind = static_cast<Kind>(random() % 5);
    std::string from = text(5);
    if (kind == Kind::Regex) from = "^" + from + "|" + text(4) + "$";
    rules.push_back(ttl_rule(kind, from));
  }
  const Matcher matcher(rules, 1);
  for (int i = 0; i < 2000; ++i) {
    const std::string name = text(12);
    CAPTURE(name);
    Numbers expected;
    for (uint32_t k = 0; k < rules.size(); ++k)
      if (matches(*rules[k].match(), name)) expected.push_back(k);
    CHECK(found_by(matcher, name) == expected);
  }
}
