#include <doctest/doctest.h>

#include <string>

#include "plugins/transfer/setup.h"

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

}  // namespace
}  // namespace fairlead::plugins::transfer
