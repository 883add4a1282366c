#include "dns/compact_zone.h"

#include <doctest/doctest.h>

#include <vector>

using namespace fairlead::dns;
using Pods = ClusterRules::Pods;

TEST_CASE("compact zone: rules are read as they were written") {
  for (const Pods pods : {Pods::Disabled, Pods::Insecure, Pods::Verified}) {
    for (const bool flag : {false, true}) {
      const ClusterRules rules{.pods = pods,
                               .says_name_servers = flag,
                               .of_cluster_set = !flag,
                               .zonal = flag,
                               .ttl = flag ? 0U : 0x7fffffffU,
                               .denial_ttl = 0x01020304};
      CHECK(read_rules(rules_octets(rules)) == rules);
    }
  }
  const auto octets = rules_octets({.pods = Pods::Insecure, .ttl = 5, .denial_ttl = 258});
  CHECK(octets == std::array<uint8_t, kRulesSize>{1, 1, 0, 0, 0, 0, 5, 0, 0, 1, 2});
}

TEST_CASE("compact zone: what are no rules") {
  const auto good = rules_octets({.ttl = 5, .denial_ttl = 5});
  REQUIRE(read_rules(good));
  std::vector<uint8_t> octets(good.begin(), good.end());
  for (size_t size = 0; size < octets.size(); ++size)
    CHECK_FALSE(read_rules(std::span(octets).first(size)));
  octets.push_back(0);
  CHECK_FALSE(read_rules(octets));
  const auto with = [&](size_t at, uint8_t octet) {
    auto changed = good;
    changed.at(at) = octet;
    return read_rules(changed).has_value();
  };
  CHECK_FALSE(with(0, 0));  // version
  CHECK_FALSE(with(0, 2));
  CHECK_FALSE(with(1, 3));     // mode of pods
  CHECK_FALSE(with(2, 8));     // flags
  CHECK_FALSE(with(3, 0x80));  // TTLs
  CHECK_FALSE(with(7, 0x80));
  CHECK(with(2, 7));
}

TEST_CASE("compact zone: what only it has") {
  const auto is_hidden = [](const char* name, RrType type) {
    return is_of_compact_form(Name::from_text(name)->view(), type);
  };
  for (const RrType type : {kClusterRules, kNamespaceMark, kZonesMark})
    CHECK(is_hidden("x.test", type));
  for (const char* name : {"_zone.web.a.svc.x.test", "one.pin._zone.web.a.svc.x.test", "_zone"})
    CHECK(is_hidden(name, RrType::A));
  for (const char* name : {"x.test", ".", "zone.x.test", "_zones.x.test", "_zon.x.test"})
    CHECK_FALSE(is_hidden(name, RrType::A));
}

TEST_CASE("compact zone: who takes it") {
  std::vector<uint8_t> options;
  add_compact_option(options);
  const auto said = find_option(options, kCompactOption);
  REQUIRE(said);
  CHECK(takes_compact(*said));
  CHECK(takes_compact(std::vector<uint8_t>{0xff}));
  CHECK_FALSE(takes_compact(std::vector<uint8_t>{0}));
  CHECK_FALSE(takes_compact(std::vector<uint8_t>{1, 1}));
  CHECK_FALSE(takes_compact({}));
}
