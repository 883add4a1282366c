#include "records/catalog.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "dns/text_record.h"
#include "records/zone_builder.h"

using namespace fairlead;

namespace {

using Lines = std::vector<std::string>;

const Lines kCatalog{"cat.test SOA ns.cat.test h.cat.test 7 2 3 4 5", "cat.test NS invalid",
                     "version.cat.test TXT 2"};

records::Catalog read(Lines lines) {
  records::ZoneBuilder builder(*dns::Name::from_text("cat.test"));
  for (const std::string& line : lines) {
    dns::TextRecord record;
    REQUIRE(record.read(line).empty());
    REQUIRE(builder.add(record.owner(), record.type(), record.ttl(), record.rdata()).empty());
  }
  return records::read_catalog(*builder.finish());
}

std::string error_of(const Lines& more, Lines lines = kCatalog) {
  lines.insert(lines.end(), more.begin(), more.end());
  const records::Catalog catalog = read(lines);
  CHECK((catalog.error.empty() || catalog.members.empty()));
  return catalog.error;
}

}  // namespace

TEST_CASE("catalog: members, and what is passed over") {
  Lines lines = kCatalog;
  for (const char* line :
       {"one.zones.cat.test PTR A.Example", "two.zones.cat.test PTR b.example",
        "group.two.zones.cat.test TXT some", "coo.two.zones.cat.test PTR other.test",
        "x.y.one.zones.cat.test A 192.0.2.1", "else.cat.test PTR c.example"})
    lines.emplace_back(line);
  const records::Catalog catalog = read(lines);
  CHECK(catalog.error.empty());
  REQUIRE(catalog.members.size() == 2);
  CHECK(catalog.members[0].id == "one");
  CHECK(dns::to_text(catalog.members[0].zone.view()) == "a.example.");
  CHECK(!catalog.members[0].new_owner);
  REQUIRE(catalog.members[1].new_owner);
  CHECK(dns::to_text(catalog.members[1].new_owner->view()) == "other.test.");
}

TEST_CASE("catalog: what is none (S15)") {
  CHECK(error_of({}).empty());
  CHECK(error_of({}, {kCatalog[0], kCatalog[2]}) == "catalog zone cat.test. has no NS record");
  CHECK(error_of({}, {kCatalog[0], kCatalog[1]}) ==
        "catalog zone cat.test. must have exactly one version TXT record");
  CHECK(error_of({"version.cat.test TXT 3"}) ==
        "catalog zone cat.test. must have exactly one version TXT record");
  CHECK(error_of({"version.cat.test TXT 3"}, {kCatalog[0], kCatalog[1]}) ==
        "catalog zone cat.test. has unsupported version \"3\"");
  CHECK(error_of({"a.zones.cat.test PTR x.test", "a.zones.cat.test PTR y.test"}) ==
        "catalog member a.zones.cat.test. must have exactly one PTR record");
  CHECK(error_of({"group.a.zones.cat.test TXT x"}) ==
        "catalog member a.zones.cat.test. must have exactly one PTR record");
  CHECK(error_of({"a.zones.cat.test PTR x.test", "b.zones.cat.test PTR X.test"}) ==
        "catalog member zone x.test. is listed by both a and b");
  CHECK(error_of({"a.zones.cat.test PTR x.test", "coo.a.zones.cat.test PTR o.test",
                  "coo.a.zones.cat.test PTR p.test"}) ==
        "catalog member a has more than one coo PTR record");
}
