#include "records/zone.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "dns/text_record.h"
#include "records/zone_builder.h"
#include "records/zone_set.h"

using namespace fairlead;
using dns::Name;
using records::Zone;

namespace {

Name name(const std::string& text) {
  return *Name::from_text(text);
}

void add(records::ZoneBuilder& builder, const std::string& text) {
  dns::TextRecord record;
  REQUIRE(record.read(text).empty());
  CHECK(builder.add(record.owner(), record.type(), record.ttl(), record.rdata()).empty());
}

std::shared_ptr<const Zone> zone_of(const std::vector<std::string>& lines) {
  records::ZoneBuilder builder(name("x.test"));
  add(builder, "x.test SOA ns.x.test h.x.test 7 2 3 4 5");
  for (const std::string& line : lines) add(builder, line);
  return builder.finish();
}

std::string closest(const Zone& zone, const std::string& asked) {
  const records::Place place = records::locate(zone, name(asked).view(), false);
  return dns::to_text(zone.name(*place.closest)) + (place.exact ? " exact" : "") +
         (place.cut != nullptr ? " cut" : "") + (place.dname != nullptr ? " dname" : "");
}

size_t count(const Zone& zone, const std::string& owner) {
  const Zone::Node* const node = zone.find(name(owner).view());
  if (node == nullptr) return 0;
  size_t records = 0;
  for (const records::ZoneRecord record : zone.records(*node)) records += record.ttl > 0 ? 1 : 0;
  return records;
}

}  // namespace

TEST_CASE("zone: names, what lies between them, and what lies outside") {
  const auto zone = zone_of({
      "a.b.c.x.test A 192.0.2.1",
      "A.B.C.X.TEST A 192.0.2.2",
      "z.c.x.test A 192.0.2.1",
      "x.test NS ns.x.test",
      "sub.x.test NS ns.sub.x.test",
      "ns.sub.x.test A 192.0.2.3",
      "d.x.test DNAME y.test",
      "both.x.test NS ns.x.test",
      "both.x.test DNAME y.test",
      "y.test A 192.0.2.1",
      "notx.test A 192.0.2.1",
  });
  CHECK(zone->serial() == 7);
  CHECK(zone->record_count() == 10);
  CHECK(zone->name_count() == 9);
  CHECK(count(*zone, "a.b.c.x.test") == 2);
  CHECK(count(*zone, "y.test") == 0);
  CHECK(closest(*zone, "x.test") == "x.test. exact");
  CHECK(closest(*zone, "b.c.x.test") == "b.c.x.test. exact");
  CHECK(closest(*zone, "q.c.x.test") == "c.x.test.");
  CHECK(closest(*zone, "q.a.b.c.x.test") == "a.b.c.x.test.");
  CHECK(closest(*zone, "ns.sub.x.test") == "sub.x.test. cut");
  CHECK(closest(*zone, "sub.x.test") == "sub.x.test. exact cut");
  CHECK(closest(*zone, "d.x.test") == "d.x.test. exact");
  CHECK(closest(*zone, "q.r.d.x.test") == "d.x.test. dname");
  CHECK(closest(*zone, "q.both.x.test") == "both.x.test. dname");
  CHECK(closest(*zone, "both.x.test") == "both.x.test. exact cut");
}

TEST_CASE("zone: equal records are one, the last SOA counts, names in rdata are lower case") {
  const auto zone = zone_of({
      "x.test SOA NS.x.test H.x.test 9 2 3 4 5",
      "a.x.test 5 TXT x",
      "a.x.test 6 TXT x",
      "a.x.test 5 TXT X",
      "m.x.test MX 70 MAIL.x.test",
      "p.x.test PTR Host.x.test",
  });
  CHECK(zone->serial() == 9);
  CHECK(count(*zone, "a.x.test") == 2);
  CHECK(count(*zone, "x.test") == 1);
  const auto rdata = [&](const char* owner) {
    const auto record = *zone->records(*zone->find(name(owner).view())).begin();
    return std::string(record.rdata.begin(), record.rdata.end());
  };
  CHECK(rdata("m.x.test") == std::string("\0\x46\4mail\1x\4test\0", 15));
  CHECK(rdata("p.x.test") == std::string("\4Host\1x\4test\0", 13));
}

TEST_CASE("zone: canonical order and the NSEC in front of a name") {
  // RFC 4034 §6.1
  const char* const order[] = {"example",         "a.example",      "yljkjljk.a.example",
                               "z.a.example",     "zabc.a.example", "z.example",
                               "\\001.z.example", "*.z.example",    "\\200.z.example"};
  for (size_t i = 0; i + 1 < std::size(order); ++i) {
    CAPTURE(order[i]);
    CHECK(records::compare_names(name(order[i]).view(), name(order[i + 1]).view()) < 0);
    CHECK(records::compare_names(name(order[i + 1]).view(), name(order[i]).view()) > 0);
    CHECK(records::compare_names(name(order[i]).view(), name(order[i]).view()) == 0);
  }
  const auto zone = zone_of({"x.test NSEC b.x.test SOA NSEC", "b.x.test NSEC x.test A NSEC",
                             "b.x.test A 192.0.2.1", "c.x.test A 192.0.2.2"});
  const auto before = [&](const char* asked) {
    return dns::to_text(zone->name(*zone->nsec_before(name(asked).view())));
  };
  CHECK(before("x.test") == "x.test.");
  CHECK(before("a.x.test") == "x.test.");
  CHECK(before("b.x.test") == "b.x.test.");
  CHECK(before("d.x.test") == "b.x.test.");
  CHECK(zone_of({})->nsec_before(name("a.x.test").view()) == nullptr);
}

TEST_CASE("zone: what it cannot have") {
  records::ZoneBuilder builder(name("x.test"));
  dns::TextRecord record;
  const auto add_text = [&](const char* text) {
    REQUIRE(record.read(text).empty());
    return builder.add(record.owner(), record.type(), record.ttl(), record.rdata());
  };
  CHECK(add_text("a.x.test SOA ns h 1 2 3 4 5") ==
        "has SOA owner a.x.test. that does not match origin x.test.");
  CHECK(add_text("n.x.test NSEC3PARAM 1 0 0 -") ==
        "NSEC3 zone is not supported, dropping RR: n.x.test. for zone: x.test.");
  CHECK(add_text("y.test A 192.0.2.1").empty());
  CHECK(builder.outside() == 1);
  CHECK_FALSE(builder.has_soa());
}

TEST_CASE("zone: an address record takes less than 100 octets") {
  constexpr size_t kRecords = 100'000;
  std::vector<std::string> lines;
  for (size_t i = 0; i < kRecords; ++i)
    lines.push_back("host-" + std::to_string(i) + ".x.test A 10." + std::to_string(i / 65536) +
                    "." + std::to_string(i / 256 % 256) + "." + std::to_string(i % 256));
  const auto zone = zone_of(lines);
  REQUIRE(zone->record_count() == kRecords + 1);
  const size_t octets = zone->octets() / kRecords;
  CAPTURE(octets);
  CHECK(octets < 60);
  CHECK(count(*zone, "host-99999.x.test") == 1);
  CHECK(count(*zone, "host-100000.x.test") == 0);
}

TEST_CASE("zone set: the longest origin") {
  const auto zone = zone_of({});
  const records::ZoneSet set({{name("x.test"), zone, {}, "a"},
                              {name("b.x.test"), nullptr, {}, "b"},
                              {name("x.test"), zone, {}, "c"}});
  CHECK(set.find(name("a.x.test").view())->from == "c");
  CHECK(set.find(name("a.b.x.test").view())->from == "b");
  CHECK(set.find(name("test").view()) == nullptr);
  CHECK(records::ZoneSet({{name("."), zone, {}, "r"}}).find(name("a.b").view())->from == "r");
}
