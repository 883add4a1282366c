#include "plugins/acl/rules.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::acl {
using namespace fairlead::plugins::testing;
using acl::Action;

namespace {

acl::Rules rules_of(const std::string& lines) {
  const auto parse = [](auto& cursor, const auto& context) { return acl::parse(cursor, context); };
  const acl::Options options = with_directive("acl", lines, parse);
  std::vector<std::vector<dns::Name>> zones;
  for (const acl::RuleOptions& rule : options.rules) {
    auto& names = zones.emplace_back();
    for (const std::string& zone : rule.zones) names.push_back(*dns::Name::from_text(zone));
  }
  return {options, std::move(zones)};
}

struct Row {
  const char* name;
  const char* type;
  const char* client;
  const char* expected;  // the action, and the zone it is counted for
};

std::string judged(const acl::Rules& rules, const Row& row) {
  const acl::Verdict verdict =
      rules.judge(dns::Name::from_text(row.name)->view(), *dns::rr_type_from_text(row.type),
                  *dns::IpAddress::from_text(row.client));
  constexpr const char* kActions[] = {"allow", "block", "filter", "drop"};
  const std::string action = kActions[static_cast<size_t>(verdict.action)];
  if (verdict.action == Action::Allow) return action;
  return action + ' ' + rules.zones().at(verdict.zone);
}

void check(const acl::Rules& rules, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CAPTURE(std::string(row.type));
    CAPTURE(std::string(row.client));
    CHECK(judged(rules, row) == row.expected);
  }
}

}  // namespace

TEST_CASE("acl rules: the first line about type and client of the first rule that has one") {
  check(rules_of("acl blocked.test {\nblock\n}\n"
                 "acl filt.test {\nfilter type A AAAA net 127.0.0.0/8 ::1\ndrop type TXT\n"
                 "allow type MX\nblock type ANY\n}\n"
                 "acl only.test {\nallow net 10.0.0.0/8\nblock\n}\n"
                 "acl filt.test {\nblock\n}"),
        {
            {"x.blocked.test", "A", "127.0.0.1", "block blocked.test."},
            {"blocked.test", "TYPE65", "::1", "block blocked.test."},
            {"x.filt.test", "A", "127.0.0.1", "filter filt.test."},
            {"x.filt.test", "AAAA", "::1", "filter filt.test."},
            {"x.filt.test", "A", "10.0.0.1", "block filt.test."},  // by the second rule
            {"x.filt.test", "TXT", "10.0.0.1", "drop filt.test."},
            {"x.filt.test", "MX", "10.0.0.1", "allow"},
            {"x.filt.test", "ANY", "127.0.0.1", "block filt.test."},
            {"x.filt.test", "NS", "127.0.0.1", "block filt.test."},
            {"x.only.test", "A", "10.1.2.3", "allow"},
            {"x.only.test", "A", "127.0.0.1", "block only.test."},
            {"notonly.test", "A", "127.0.0.1", "allow"},
            {"other.test", "A", "127.0.0.1", "allow"},
        });
}

TEST_CASE("acl rules: what is allowed by one rule is not asked of the next") {
  check(rules_of("acl {\nallow net 10.0.0.0/8\n}\nacl {\nblock\n}"),
        {{"a.example.org", "A", "10.0.0.1", "allow"},
         {"a.example.org", "A", "11.0.0.1", "block example.org."},
         {"a.example.com", "A", "11.0.0.1", "allow"}});
}

TEST_CASE("acl rules: ANY is a type like others") {
  check(rules_of("acl . {\ndrop type ANY\n}"),
        {{"a", "ANY", "10.0.0.1", "drop ."}, {"a", "A", "10.0.0.1", "allow"}});
  check(rules_of("acl . {\ndrop type A\n}"), {{"a", "ANY", "10.0.0.1", "allow"}});
}

TEST_CASE("acl rules: the longest of a rule's zones is the one that is counted for") {
  const acl::Rules rules = rules_of("acl . a.test test {\nblock\n}\nacl test {\nfilter\n}");
  CHECK(rules.zones() == std::vector<std::string>{".", "a.test.", "test."});
  check(rules, {{"x.a.test", "A", "10.0.0.1", "block a.test."},
                {"x.b.test", "A", "10.0.0.1", "block test."},
                {"org", "A", "10.0.0.1", "block ."}});
}

TEST_CASE("acl rules: clients in words") {
  const acl::Rules rules = rules_of(
      "acl {\nblock\nblock net 10.1.0.0/8 fd00::1\nallow net 10.0.0.0/8 11.0.0.0/8 12.0.0.0/8 "
      "13.0.0.0/8\n}");
  const auto& policies = rules.rules().at(0).policies;
  CHECK(policies.at(0).clients_text == "everybody");
  CHECK(policies.at(1).clients_text == "10.0.0.0/8, fd00::1/128");
  CHECK(policies.at(2).clients_text == "10.0.0.0/8, 11.0.0.0/8, 12.0.0.0/8 and others");
}

TEST_CASE("acl rules: lines behind one another that differ in their networks are one") {
  const acl::Rules rules = rules_of(
      "acl test {\nblock net 10.0.0.0/24\nblock net 10.0.1.0/24\nallow net 10.0.3.7\n"
      "block net 10.0.2.0/23\nblock type TXT net 10.0.4.0/24\n}\n");
  CHECK(rules.rules()[0].policies.size() == 4);
  check(rules, {{"a.test.", "A", "10.0.0.9", "block test."},
                {"a.test.", "A", "10.0.1.9", "block test."},
                {"a.test.", "A", "10.0.3.7", "allow"},
                {"a.test.", "A", "10.0.3.8", "block test."},
                {"a.test.", "A", "10.0.4.1", "allow"},
                {"a.test.", "TXT", "10.0.4.1", "block test."}});
}

}  // namespace fairlead::plugins::acl
