#include <doctest/doctest.h>

#include <string>
#include <tuple>
#include <vector>

#include "plugins/transfer/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::transfer {
namespace {

dns::Name name(const char* text) {
  return dns::Name::from_text(text)->lowered();
}

TEST_CASE("transfer: the rule with the longest zone counts, the first of several") {
  Rules rules(4);
  rules[0].zones = {name("example.org")};
  rules[1].zones = {name("other.test"), name("sub.example.org")};
  rules[2].zones = {name("sub.example.org")};
  rules[3].zones = {name(".")};
  CHECK(rule_for(rules, name("example.org").view()) == &rules[0]);
  CHECK(rule_for(rules, name("www.example.org").view()) == &rules[0]);
  CHECK(rule_for(rules, name("a.sub.example.org").view()) == &rules[1]);
  CHECK(rule_for(rules, name("notexample.org").view()) == &rules[3]);
  rules.pop_back();
  CHECK(rule_for(rules, name("notexample.org").view()) == nullptr);
}

TEST_CASE("transfer: a server on a link is one by address and link") {
  const auto parsed = [](corefile::Cursor& cursor, const corefile::Context& context) {
    return parse(cursor, context);
  };
  const Rules rules =
      testing::with_directive("transfer", "transfer {\nto [fe80::1%eth0]:54 192.0.2.1\n}", parsed);
  REQUIRE(rules[0].told.size() == 2);
  CHECK(net::to_text(rules[0].told[0]) == "[fe80::1%eth0]:54");
  CHECK(net::to_text(rules[0].told[1]) == "192.0.2.1:53");
  CHECK(rules[0].clients.size() == 1);  // fe80::1 on another link is none
}

TEST_CASE("transfer: a key of tsig, which nobody sees when nobody is told") {
  signing::TsigKey key;
  key.name = name("both");
  key.secret = {1, 2, 3};
  std::vector<std::string> warnings;
  const auto parsed = [&](corefile::Cursor& cursor, const corefile::Context& context) {
    Rules rules = parse(cursor, context, std::vector{key});
    warnings = cursor.warnings();
    return rules;
  };
  const auto rules = [&](const std::string& lines) {
    return testing::with_directive("transfer", "transfer {\n" + lines + "\n}", parsed);
  };
  const Rules told = rules("to 192.0.2.1\nkey BOTH");
  REQUIRE(told[0].signed_with);
  CHECK(told[0].signed_with->key == key);
  CHECK(told[0].signed_with->algorithm == signing::TsigAlgorithm::Sha256);
  CHECK(warnings.empty());
  CHECK(rules("to 192.0.2.1\nkey both hmac-sha512")[0].signed_with->algorithm ==
        signing::TsigAlgorithm::Sha512);
  CHECK(rules("to 192.0.2.1")[0] != told[0]);
  std::ignore = rules("to * 192.0.2.0/24\nkey both");
  CHECK(warnings.size() == 1);
}

}  // namespace
}  // namespace fairlead::plugins::transfer
