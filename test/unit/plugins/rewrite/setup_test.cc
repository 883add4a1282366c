#include "plugins/rewrite/setup.h"

#include <doctest/doctest.h>

#include <string>

#include "test/unit/plugins/setup_support.h"

using namespace fairlead;
using namespace fairlead::plugins::rewrite;
using namespace fairlead::plugins::testing;

namespace {

const auto kParse = [](auto& cursor, const auto&) { return parse(cursor); };

std::vector<Rule> rules_of(const std::string& lines) {
  return with_directive("rewrite", lines, kParse);
}

Rule rule_of(const std::string& words) {
  auto rules = rules_of("rewrite " + words);
  REQUIRE(rules.size() == 1);
  return rules.front();
}

// What the first is told, in CoreDNS 1.15's words.
struct Mistake {
  const char* words;
  const char* message;
};

constexpr Mistake kMistakes[] = {
    {"", "no rule type specified for rewrite"},
    {"foo", "invalid rule type \"foo\""},
    {"foo a b", "invalid rule type \"foo\""},
    {"continue", "continue rule must begin with a rule type"},
    {"stop", "stop rule must begin with a rule type"},
    {"continue foo a b", "invalid rule type \"continue\""},
    {"answer name a b", "response rewrites must begin with a name rule"},
    {"name", "too few arguments for a name rule"},
    {"name a", "too few arguments for a name rule"},
    {"name foo a b",
     "name rule supports only exact, prefix, suffix, substring, and regex name matching, received: "
     "foo"},
    {"name regex ( b", "invalid regex matching pattern: ("},
    {"name regex a {1}",
     "the rewrite regex pattern ({1}) uses more subexpressions than its corresponding matching "
     "regex pattern (a)"},
    {"name regex a {0}",
     "the rewrite regex pattern ({0}) uses more subexpressions than its corresponding matching "
     "regex pattern (a)"},
    {"name regex a b c", "invalid arguments for regex rule"},
    {"name regex a b c d",
     "exceeded the number of arguments for a non-answer rule argument for regex rule"},
    {"name exact a b answer", "invalid arguments for exact rule"},
    {"name exact a b answer foo", "invalid type \"foo\" for answer rule for exact rule"},
    {"name exact a b c", "invalid arguments for exact rule"},
    {"name suffix a b c d",
     "exceeded the number of arguments for a non-answer rule argument for suffix rule"},
    {"name suffix a b answer foo x y", "invalid type \"foo\" for answer rule for suffix rule"},
    {"name suffix a b answer foo", "invalid type \"foo\" for answer rule for suffix rule"},
    {"name suffix a b answer name x", "name answer rule for suffix rule: 2 arguments required"},
    {"name suffix a b answer value x", "value answer rule for suffix rule: 2 arguments required"},
    {"name suffix a b answer name ( y",
     "name answer rule for suffix rule: invalid regex matching pattern: ("},
    {"name suffix a b answer value (a) {1}{2}",
     "value answer rule for suffix rule: the rewrite regex pattern ({1}{2}) uses more "
     "subexpressions than its corresponding matching regex pattern ((a))"},
    {"name suffix a b answer auto answer name x y",
     "auto name answer rule cannot be combined with explicit name anwer rules"},
    {"name suffix a b answer name x y answer", "type missing for answer rule for suffix rule"},
    {"name suffix a b answer answer", "invalid type \"answer\" for answer rule for suffix rule"},
    {"name suffix a b metadata", "metadata is only supported for regex name rules"},
    {"name regex a {x} metadata", "invalid metadata label \"x\" in name replacement"},
    {"name regex a {view/} metadata", "invalid metadata label \"view/\" in name replacement"},
    {"name regex a {/name} metadata", "invalid metadata label \"/name\" in name replacement"},
    {"name regex a {view/name metadata", "unclosed placeholder in metadata name replacement"},
    {"name regex a view/name} metadata", "unmatched closing brace in metadata name replacement"},
    {"name regex a {1} metadata", "capture group 1 does not exist in name matching pattern"},
    {"name regex (a) {{view/name} metadata",
     "invalid metadata label \"{view/name\" in name replacement"},
    {"name regex (a) {} metadata", "invalid metadata label \"\" in name replacement"},
    {"name regex (a) {99999999999999999999} metadata",
     "invalid metadata label \"99999999999999999999\" in name replacement"},
    {"name regex a b metadata foo", "invalid arguments for regex rule"},
    {"name regex a b metadata foo bar",
     "exceeded the number of arguments for a non-answer rule argument for regex rule"},
    {"name exact a {1}.c", "invalid regex matching pattern: {1}.c."},
    {"name exact {1} c",
     "the rewrite regex pattern ({1}.) uses more subexpressions than its corresponding matching "
     "regex pattern (c.)"},
    {"name exact a (", "invalid regex matching pattern: (."},
    {"name a b c",
     "name rule supports only exact, prefix, suffix, substring, and regex name matching, received: "
     "a"},
    {"name a b answer auto", "invalid arguments for a rule"},
    {"class IN", "class rules must have exactly two arguments"},
    {"class IN CH HS", "class rules must have exactly two arguments"},
    {"class XX CH", "invalid class \"XX\""},
    {"class CLASS1 CH", "invalid class \"CLASS1\""},
    {"class 1 CH", "invalid class \"1\""},
    {"type A", "type rules must have exactly two arguments"},
    {"type A AAAA MX", "type rules must have exactly two arguments"},
    {"type aXX mx", "invalid type \"AXX\""},
    {"type A xx", "invalid type \"XX\""},
    {"type None A", "invalid type \"NONE\""},
    {"type reserved A", "invalid type \"RESERVED\""},
    {"ttl", "too few (0) arguments for a ttl rule"},
    {"ttl a", "too few (1) arguments for a ttl rule"},
    {"ttl a 5 6",
     "ttl rule supports only exact, prefix, suffix, substring, and regex name matching"},
    {"ttl exact a 5 6", "invalid TTL '' for a ttl rule"},
    {"ttl foo a 5",
     "ttl rule supports only exact, prefix, suffix, substring, and regex name matching"},
    {"ttl a xx", "invalid TTL 'xx' for a ttl rule"},
    {"ttl a -", "invalid TTL '-' for a ttl rule"},
    {"ttl a 6-5", "invalid TTL '6-5' for a ttl rule"},
    {"ttl a 4294967296", "invalid TTL '4294967296' for a ttl rule"},
    {"ttl a 1-2-3", "invalid TTL '1-2-3' for a ttl rule"},
    {"ttl a +5", "invalid TTL '+5' for a ttl rule"},
    {"ttl a 2147483648-", "invalid TTL '2147483648-' for a ttl rule"},
    {"ttl regex ( 5", "invalid regex pattern in a ttl rule: ("},
    {"rcode a", "too few (1) arguments for a rcode rule"},
    {"rcode a NXDOMAIN", "too few (2) arguments for a rcode rule"},
    {"rcode foo a NXDOMAIN NOERROR",
     "rcode rule supports only exact, prefix, suffix, substring, and regex name matching"},
    {"rcode a foo NOERROR", "invalid matching RCODE 'foo' for a rcode rule"},
    {"rcode a NXDOMAIN foo", "invalid replacement RCODE 'foo' for a rcode rule"},
    {"rcode a 24 0", "invalid matching RCODE '24' for a rcode rule"},
    {"rcode a 3 24", "invalid replacement RCODE '24' for a rcode rule"},
    {"rcode a badvers 0", "invalid matching RCODE 'badvers' for a rcode rule"},
    {"rcode a 0x3 0", "invalid matching RCODE '0x3' for a rcode rule"},
    {"rcode a -1 0", "invalid matching RCODE '-1' for a rcode rule"},
    {"rcode regex ( NXDOMAIN NOERROR", "invalid regex pattern in a rcode rule: ("},
    {"rcode exact a NXDOMAIN NOERROR x", "invalid matching RCODE '' for a rcode rule"},
    {"cname", "too few (0) arguments for a cname rule"},
    {"cname a", "too few (1) arguments for a cname rule"},
    {"cname foo a b", "unknown cname rewrite type: foo"},
    {"cname exact a b c", "too few (4) arguments for a cname rule"},
    {"cname regex ( b", "invalid cname rewrite regex pattern: ("},
    {"edns0", "too few arguments for an EDNS0 rule"},
    {"edns0 local", "too few arguments for an EDNS0 rule"},
    {"edns0 local foo", "invalid action: \"foo\""},
    {"edns0 foo set", "invalid rule type \"foo\""},
    {"edns0 foo bar", "invalid action: \"bar\""},
    {"edns0 local set", "EDNS0 local rules require three or four args"},
    {"edns0 local set 1", "EDNS0 local rules require three or four args"},
    {"edns0 local set 1 2 3", "EDNS0 local rules require three or four args"},
    {"edns0 local set 1 2 3 4", "EDNS0 local rules require three or four args"},
    {"edns0 local set 1 2 REVERT", "EDNS0 local rules require three or four args"},
    {"edns0 local set x 2", "strconv.ParseUint: parsing \"x\": invalid syntax"},
    {"edns0 local set 65536 2", "strconv.ParseUint: parsing \"65536\": value out of range"},
    {"edns0 local set 0x10000 2", "strconv.ParseUint: parsing \"0x10000\": value out of range"},
    {"edns0 local set 08 2", "strconv.ParseUint: parsing \"08\": invalid syntax"},
    {"edns0 local set 0x 2", "strconv.ParseUint: parsing \"0x\": invalid syntax"},
    {"edns0 local set -1 2", "strconv.ParseUint: parsing \"-1\": invalid syntax"},
    {"edns0 local set +1 2", "strconv.ParseUint: parsing \"+1\": invalid syntax"},
    {"edns0 local set 1 0xabc", "encoding/hex: odd length hex string"},
    {"edns0 local set 1 0xzz", "encoding/hex: invalid byte: U+007A 'z'"},
    {"edns0 local set 1 0xz", "encoding/hex: invalid byte: U+007A 'z'"},
    {"edns0 local set 1 {foo}", "unsupported variable name \"{foo}\""},
    {"edns0 local set 1 {/name}", "unsupported variable name \"{/name}\""},
    {"edns0 local set 1 {view/}", "unsupported variable name \"{view/}\""},
    {"edns0 local set 1 {QNAME}", "unsupported variable name \"{QNAME}\""},
    {"edns0 local set 1 revert", "EDNS0 local rules require three or four args"},
    {"edns0 local unset", "local unset action requires exactly two arguments"},
    {"edns0 local unset 1 2", "local unset action requires exactly two arguments"},
    {"edns0 local unset 1 revert", "local unset action requires exactly two arguments"},
    {"edns0 local unset foo", "strconv.ParseUint: parsing \"foo\": invalid syntax"},
    {"edns0 nsid set foo", "EDNS0 NSID rules can accept no more than one arg"},
    {"edns0 nsid set foo revert", "EDNS0 NSID rules can accept no more than one arg"},
    {"edns0 nsid set a b", "EDNS0 NSID rules can accept no more than one arg"},
    {"edns0 nsid unset foo", "nsid unset action requires exactly one argument"},
    {"edns0 foo unset", "invalid rule type \"foo\""},
    {"edns0 subnet set", "EDNS0 subnet rules require three or four args"},
    {"edns0 subnet set 24", "EDNS0 subnet rules require three or four args"},
    {"edns0 subnet set 24 56 78", "EDNS0 subnet rules require three or four args"},
    {"edns0 subnet set 33 56", "invalid IPv4 bit mask length 33"},
    {"edns0 subnet set 24 129", "invalid IPv6 bit mask length 129"},
    {"edns0 subnet set x 56", "strconv.ParseUint: parsing \"x\": invalid syntax"},
    {"edns0 subnet set 24 x", "strconv.ParseUint: parsing \"x\": invalid syntax"},
    {"edns0 subnet set 70000 56", "strconv.ParseUint: parsing \"70000\": value out of range"},
    {"edns0 subnet unset 1", "subnet unset action requires exactly one argument"},
};

constexpr const char* kRules[] = {
    "name exact a b",
    "name regex (a) {0}",
    "name regex (a) {2}",
    "name suffix a b answer auto answer value x y",
    "name suffix a b answer auto value x y",
    "name suffix a b answer auto auto",
    "name regex a b metadata answer auto",
    "name regex a b metadata",
    "name regex (a) {1}{view/name} metadata",
    "name regex (a) {+1} metadata",
    "name regex (a) {01} metadata",
    "name exact a b answer auto",
    "name exact a b answer name x y",
    "name exact a b answer value x y",
    "class in ch",
    "class ANY NONE",
    "type a aaaa",
    "type TYPE65 A",
    "type any hinfo",
    "type OPT A",
    "type AXFR A",
    "ttl a 5-",
    "ttl a -5",
    "ttl a 4294967295",
    "ttl a 5-4294967295",
    "ttl EXACT a 5",
    "rcode a NXDOMAIN NOERROR",
    "rcode a 3 0",
    "rcode a 23 0",
    "rcode a BADSIG 0",
    "rcode a BADTRUNC 0",
    "rcode a BADCOOKIE 0",
    "rcode a YXDOMAIN 0",
    "rcode a NOTIMPL 0",
    "rcode a NOTIMP 0",
    "rcode a DSOTYPENI 0",
    "cname a b",
    "cname regex (a) {1}{2}",
    "cname regex \\S b",
    "edns0 local set 1 2 revert",
    "edns0 local set 0177777 2",
    "edns0 local set 0o17 2",
    "edns0 local set 0b11 2",
    "edns0 local set 1_000 2",
    "edns0 local set 1 0x",
    "edns0 local set 1 0XAB",
    "edns0 local set 1 {view/name}",
    "edns0 local set 1 {qname}",
    "edns0 local unset 1",
    "edns0 nsid set",
    "edns0 nsid set revert",
    "edns0 nsid unset",
    "edns0 subnet set 24 56",
    "edns0 subnet set 24 56 revert",
    "edns0 subnet unset",
    "EDNS0 LOCAL SET 1 2",
    "NAME EXACT a b",
    "STOP name a b",
};

}  // namespace

TEST_CASE("rewrite: mistakes") {
  for (const Mistake& mistake : kMistakes) {
    CAPTURE(mistake.words);
    CHECK(setup_error("rewrite", std::string("rewrite ") + mistake.words, kParse) ==
          parsing(2, mistake.message));
  }
}

TEST_CASE("rewrite: expressions that are too long") {
  const std::string longest(10'000, 'a');
  const std::string more = longest + 'a';
  CHECK_NOTHROW(rule_of("name regex " + longest + " b"));
  CHECK_NOTHROW(rule_of("cname regex " + longest + " b"));
  const auto error = [](const std::string& words) {
    return setup_error("rewrite", "rewrite " + words, kParse);
  };
  CHECK(error("name regex " + more + " b") == parsing(2, "regex pattern too long: 10001 > 10000"));
  CHECK(error("name suffix a b answer name " + more + " b") ==
        parsing(2, "name answer rule for suffix rule: regex pattern too long: 10001 > 10000"));
  CHECK(error("ttl regex " + more + " 5") ==
        parsing(2, "regex pattern too long in a ttl rule: 10001 > 10000"));
  CHECK(error("rcode regex " + more + " 3 0") ==
        parsing(2, "regex pattern too long in a rcode rule: 10001 > 10000"));
  CHECK(error("cname regex " + more + " b") ==
        parsing(2, "regex pattern too long in a cname rule: 10001 > 10000"));
}

TEST_CASE("rewrite: what is a rule") {
  for (const char* const words : kRules) {
    CAPTURE(words);
    CHECK(setup_error("rewrite", std::string("rewrite ") + words, kParse).empty());
  }
}

TEST_CASE("rewrite: words in braces are those of one rule") {
  CHECK(rules_of("rewrite {\n name a b\n}").front().text == "name a b");
  CHECK(rules_of("rewrite stop {\n name regex (.*)\n {1}.b\n answer\n auto\n}").front().text ==
        "stop name regex (.*) {1}.b answer auto");
  const auto rules = rules_of("rewrite continue {\n type A\n AAAA\n}\nrewrite type A MX");
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].goes_on);
  CHECK_FALSE(rules[1].goes_on);
  CHECK(rules[1].place == "Corefile:6");
  CHECK(setup_error("rewrite", "rewrite name a b {\n name a b\n}", kParse) ==
        parsing(2, "no rule type specified for rewrite"));
  CHECK(setup_error("rewrite", "rewrite name {\n name a b\n}", kParse) ==
        parsing(4,
                "name rule supports only exact, prefix, suffix, substring, and regex name "
                "matching, received: name"));
}

TEST_CASE("rewrite: names are in lower case and end with a dot") {
  const auto name = std::get<NameRule>(rule_of("name EXACT Foo.Test BAR").what);
  CHECK(name.match.from == "foo.test.");
  CHECK(name.to == "bar.");
  CHECK(name.automatic);
  const auto suffix = std::get<NameRule>(rule_of("name suffix .zoo .").what);
  CHECK(suffix.match.from == ".zoo.");
  CHECK(suffix.to == ".");
  CHECK_FALSE(suffix.automatic);
  const auto cname = std::get<CnameRule>(rule_of("cname suffix .Foo .Bar").what);
  CHECK(cname.match.from == ".foo");
  CHECK(cname.to == ".bar");
}

TEST_CASE("rewrite: TTLs") {
  const auto ttl_of = [](const std::string& text) {
    const auto ttl = std::get<TtlRule>(rule_of("ttl a " + text).what);
    return std::pair(ttl.least, ttl.most);
  };
  CHECK(ttl_of("5") == std::pair(5U, 5U));
  CHECK(ttl_of("5-7") == std::pair(5U, 7U));
  CHECK(ttl_of("-7") == std::pair(0U, 7U));
  CHECK(ttl_of("5-") == std::pair(5U, 2147483647U));
}

TEST_CASE("rewrite: numbers and data of EDNS options") {
  const auto edns_of = [](const std::string& words) {
    return std::get<EdnsRule>(rule_of("edns0 " + words).what);
  };
  CHECK(edns_of("local set 0xffee hello").code == 0xffee);
  CHECK(edns_of("local set 017 hello").code == 15);
  CHECK(edns_of("local set 0b11 hello").code == 3);
  CHECK(edns_of("local set 1_0 hello").code == 10);
  CHECK(edns_of("local set 0x_ff hello").code == 255);
  CHECK(edns_of("local set 1 0x00fF").data == std::string("\0\xff", 2));
  CHECK(edns_of("local set 1 0X00").data == "0X00");
  CHECK(edns_of("local set 1 {view/name}").data == "view/name");
  CHECK(edns_of("local set 1 x revert").revert);
  CHECK(edns_of("subnet set 24 56").v6_bits == 56);
  for (const char* const number : {"_1", "1__0", "1_", "0x_", "_", ""}) {
    CAPTURE(number);
    CHECK_FALSE(
        setup_error("rewrite", "rewrite edns0 local set \"" + std::string(number) + "\" x", kParse)
            .empty());
  }
}
