#include "plugins/acl/setup.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::acl {
using namespace fairlead::plugins::testing;
using acl::Action;
using acl::Line;
using corefile::Subnet;
using dns::RrType;

namespace {

const auto kParse = [](auto& cursor, const auto& context) { return acl::parse(cursor, context); };

acl::Options options_of(const std::string& lines) {
  return with_directive("acl", lines, kParse);
}

Line line_of(const std::string& text) {
  const acl::Options options = options_of("acl {\n" + text + "\n}");
  REQUIRE(options.rules.size() == 1);
  REQUIRE(options.rules[0].lines.size() == 1);
  return options.rules[0].lines[0];
}

}  // namespace

TEST_CASE("acl: each use is a rule, for the block's zones or its own") {
  const acl::Options options =
      options_of("acl\nacl A.test 10.0.0.0/8 {\nblock\nallow\n}\nacl {\n}");
  REQUIRE(options.rules.size() == 3);
  CHECK(options.rules[0] == acl::RuleOptions{{"example.org."}, {}});
  CHECK(options.rules[1].zones == std::vector<std::string>{"a.test.", "10.in-addr.arpa."});
  CHECK(options.rules[1].lines ==
        std::vector<Line>{{.action = Action::Block}, {.action = Action::Allow}});
  CHECK(options.rules[2] == acl::RuleOptions{{"example.org."}, {}});
}

TEST_CASE("acl: types and networks, in any order and repeatedly") {
  const Subnet ten{{10, 0, 0, 0}, 8};
  const Subnet host{{192, 0, 2, 1}, 32};
  Subnet loopback{std::vector<uint8_t>(16), 128};
  loopback.address[15] = 1;
  const struct {
    const char* text;
    Line expected;
  } rows[] = {
      {"allow", {.action = Action::Allow}},
      {"drop type A AAAA",
       {.action = Action::Drop, .all_types = false, .types = {RrType::A, RrType::Aaaa}}},
      {"filter net 10.1.2.3/8 192.0.2.1 ::1",
       {.action = Action::Filter, .all_clients = false, .networks = {ten, host, loopback}}},
      {"ALLOW NET 10.0.0.0/8 TYPE mx",
       {.all_types = false, .types = {RrType::Mx}, .all_clients = false, .networks = {ten}}},
      {"block type A net 10.0.0.0/8 type TYPE65 net 192.0.2.1/32",
       {.action = Action::Block,
        .all_types = false,
        .types = {RrType::A, RrType::Https},
        .all_clients = false,
        .networks = {ten, host}}},
      {"block type ANY", {.action = Action::Block, .all_types = false, .types = {RrType::Any}}},
      {"block type * net *", {.action = Action::Block}},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.text));
    CHECK(line_of(row.text) == row.expected);
  }
}

TEST_CASE("acl: a star among others is everything, whatever stands behind it") {
  CHECK(line_of("allow type A * nonsense").all_types);
  CHECK(line_of("allow net 10.0.0.0/8 * nonsense").all_clients);
  CHECK(line_of("allow type * type A").all_types);
}

TEST_CASE("acl: mistakes") {
  const std::string actions = "; expect 'allow', 'block', 'filter' or 'drop'";
  const BadLine cases[] = {
      {"acl {\nfoo\n}", parsing(3, "unexpected token \"foo\"" + actions)},
      {"acl {\nallow\ndeny net *\n}", parsing(4, "unexpected token \"deny\"" + actions)},
      {"acl {\nallow 10.0.0.0/8\n}",
       parsing(3, "unexpected token \"10.0.0.0/8\"; expect 'type | net'")},
      {"acl {\nallow type\n}", parsing(3, "no token specified in \"type\" section")},
      {"acl {\nallow net\n}", parsing(3, "no token specified in \"net\" section")},
      {"acl {\nallow NET type A\n}", parsing(3, "no token specified in \"net\" section")},
      {"acl {\nallow type a net 10.0.0\n}", parsing(3, "illegal CIDR notation \"10.0.0/32\"")},
      {"acl {\nallow net 10.0.0.0/33\n}", parsing(3, "illegal CIDR notation \"10.0.0.0/33\"")},
      {"acl {\nallow net fd00::g\n}", parsing(3, "illegal CIDR notation \"fd00::g/128\"")},
      {"acl {\nallow type nonsense\n}",
       parsing(3, "unexpected token \"nonsense\"; expect legal QTYPE")},
  };
  check_mistakes("acl", cases, kParse);
}

}  // namespace fairlead::plugins::acl
