#include "plugins/rewrite/reply.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/types.h"
#include "plugins/rewrite/name_text.h"

using namespace fairlead;
using namespace fairlead::plugins::rewrite;

namespace {

using dns::Name;
using dns::RrType;
using Octets = std::vector<uint8_t>;

constexpr auto kNaptr = static_cast<RrType>(35);
constexpr auto kRp = static_cast<RrType>(17);

Name name(const std::string& text) {
  return *Name::from_text(text);
}

Octets with_name(Octets front, const std::string& text, const Octets& back = {}) {
  const Name target = name(text);
  front.insert(front.end(), target.view().begin(), target.view().end());
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

void add(dns::Answer& answer, const std::string& owner, RrType type, const Octets& rdata) {
  answer.add_raw(dns::Section::Answer, answer.add_name(name(owner).view()), type, 60, rdata);
}

Octets rdata(const dns::Answer& answer, size_t number) {
  const auto octets = answer.rdata(answer.records()[number]);
  return {octets.begin(), octets.end()};
}

std::string owner(const dns::Answer& answer, size_t number) {
  return dns::to_text(answer.name(answer.records()[number].owner, {}));
}

AnswerRule answer_rule(AnswerRule::Field field, const std::string& from, const std::string& to) {
  AnswerRule rule{field, compile(from), {}};
  rule.to = replacement_of(to, groups_of(*rule.pattern));
  return rule;
}

Rule automatic(Match::Kind kind, const std::string& from, const std::string& to) {
  NameRule rule;
  rule.match.kind = kind;
  rule.match.from = from;
  rule.to = to;
  rule.automatic = true;
  return Rule{.what = rule};
}

}  // namespace

TEST_CASE("rewrite: names in rdata") {
  NameRule rule;
  rule.answers = {answer_rule(AnswerRule::Field::Value, R"(^(.*)\.new\.$)", "{1}.old.")};
  struct Case {
    RrType type;
    Octets front;
    Octets back;
  };
  const Octets naptr{0, 1, 0, 2, 1, 's', 3, 'S', 'I', 'P', 0};
  const Octets soa_numbers = with_name({}, "hm.new", Octets(20, 7));
  for (const Case& one : {Case{RrType::Cname, {}, {}}, Case{RrType::Ns, {}, {}},
                          Case{RrType::Dname, {}, {}}, Case{RrType::Ptr, {}, {}},
                          Case{RrType::Mx, {0, 10}, {}}, Case{RrType::Srv, {0, 1, 0, 2, 0, 80}, {}},
                          Case{kNaptr, naptr, {}}, Case{RrType::Soa, {}, soa_numbers}}) {
    CAPTURE(static_cast<int>(one.type));
    dns::Answer answer;
    add(answer, "a.new", one.type, with_name(one.front, "b.new", one.back));
    change(answer, Rule{.what = rule}, {});
    CHECK(rdata(answer, 0) == with_name(one.front, "b.old", one.back));
    CHECK(owner(answer, 0) == "a.new.");
  }
  // The other types have none that rules are about.
  for (const RrType type : {RrType::Txt, RrType::A, kRp}) {
    dns::Answer answer;
    add(answer, "a.new", type, with_name({}, "b.new"));
    change(answer, Rule{.what = rule}, {});
    CHECK(rdata(answer, 0) == with_name({}, "b.new"));
  }
}

TEST_CASE("rewrite: rdata that is none stays what it is") {
  NameRule rule;
  rule.answers = {answer_rule(AnswerRule::Field::Value, ".*", "x.")};
  for (const RrType type : {RrType::Cname, RrType::Mx, RrType::Srv, kNaptr, RrType::Soa}) {
    for (const Octets& octets : {Octets{}, Octets{0}, Octets{5, 'a'}, Octets{1, 2, 3, 4, 200},
                                 Octets{0, 0, 0, 0, 0, 0, 1}, Octets(600, 1)}) {
      CAPTURE(static_cast<int>(type));
      dns::Answer answer;
      add(answer, "a.new", type, octets);
      change(answer, Rule{.what = rule}, {});
      CHECK((rdata(answer, 0) == octets || rdata(answer, 0).size() < octets.size() + 4));
    }
  }
}

TEST_CASE("rewrite: names become again what was asked, with what is below them") {
  const Rule rule = automatic(Match::Kind::Exact, "old.test.", "new.test.");
  const Name before = name("old.test");
  const Name after = name("new.test");
  dns::Answer answer;
  add(answer, "NEW.Test", RrType::Cname, with_name({}, "x.new.test"));
  add(answer, "y.x.new.test", RrType::Cname, with_name({}, "anew.test"));
  change(answer, rule, {0, before.view(), after.view()});
  CHECK(owner(answer, 0) == "old.test.");
  CHECK(rdata(answer, 0) == with_name({}, "x.old.test"));
  CHECK(owner(answer, 1) == "y.x.old.test.");
  CHECK(rdata(answer, 1) == with_name({}, "anew.test"));
  // All names are below the root; it alone is meant.
  dns::Answer root;
  add(root, ".", RrType::Cname, with_name({}, "x.test"));
  change(root, rule, {0, before.view(), name(".").view()});
  CHECK(owner(root, 0) == "old.test.");
  CHECK(rdata(root, 0) == with_name({}, "x.test"));
}

TEST_CASE("rewrite: a name that would be too long stays what it is") {
  const std::string label(60, 'a');
  const std::string four = label + "." + label + "." + label + "." + label;
  const Rule rule = automatic(Match::Kind::Suffix, ".much.longer.than.before.test.", ".test.");
  dns::Answer answer;
  add(answer, four + ".test", RrType::A, {192, 0, 2, 1});
  add(answer, "a.Test", RrType::A, {192, 0, 2, 1});
  change(answer, rule, {});
  CHECK(owner(answer, 0) == four + ".test.");
  CHECK(owner(answer, 1) == "a.much.longer.than.before.test.");
}

TEST_CASE("rewrite: TTLs and response codes") {
  dns::Answer answer;
  add(answer, "a", RrType::A, {192, 0, 2, 1});
  change(answer, Rule{.what = TtlRule{.least = 500, .most = 900}}, {});
  CHECK(answer.records()[0].ttl == 500);
  change(answer, Rule{.what = TtlRule{.least = 0, .most = 30}}, {});
  CHECK(answer.records()[0].ttl == 30);
  const RcodeRule rcode{{}, dns::Rcode::Refused, dns::Rcode::NxDomain};
  change(answer, Rule{.what = rcode}, {});
  CHECK(answer.rcode == dns::Rcode::NoError);
  answer.rcode = dns::Rcode::Refused;
  change(answer, Rule{.what = rcode}, {});
  CHECK(answer.rcode == dns::Rcode::NxDomain);
}
