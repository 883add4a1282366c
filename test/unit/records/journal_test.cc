// The ring of differences: what is in a step, how several become one, and what goes when it is
// full.
#include "records/journal.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "dns/numbers.h"
#include "dns/text_record.h"
#include "records/zone_builder.h"
#include "records/zone_difference.h"

using namespace fairlead;
using records::Journal;
using records::JournalCounts;
using records::JournalStep;
using records::JournalStepPtr;

namespace {

using Lines = std::vector<std::string>;

std::string soa(uint32_t serial) {
  return "x.test 60 SOA ns.x.test h.x.test " + std::to_string(serial) + " 2 3 4 5";
}

std::shared_ptr<const records::Zone> zone(uint32_t serial, const Lines& lines) {
  records::ZoneBuilder builder(*dns::Name::from_text("x.test"));
  const auto add = [&](const std::string& line) {
    dns::TextRecord record;
    REQUIRE(record.read(line).empty());
    REQUIRE(builder.add(record.owner(), record.type(), record.ttl(), record.rdata()).empty());
  };
  add(soa(serial));
  for (const std::string& line : lines) add(line);
  return builder.finish();
}

// "-" and "+" in front of what goes and comes; an SOA record is its serial.
Lines lines_of(const JournalStep& step) {
  Lines lines;
  std::string sign = "-";
  for (size_t at = 0; at < step.octets.size();) {
    if (at == step.new_soa) sign = "+";
    const records::ChangedRecord record = records::read_record(step.octets, at);
    const std::string what = record.type == dns::RrType::Soa
                                 ? std::to_string(dns::soa_serial(record.rdata))
                                 : dns::to_text(record.owner) + ' ' + std::to_string(record.ttl) +
                                       ' ' + dns::to_text(record.type) + ' ' +
                                       std::to_string(record.rdata.back());
    lines.push_back(sign + what);
  }
  return lines;
}

Lines difference(const Lines& earlier, const Lines& later) {
  return lines_of(*records::difference(*zone(1, earlier), *zone(2, later)));
}

JournalStepPtr step(uint32_t from, uint32_t to, size_t size = 0) {
  auto made = std::make_shared<JournalStep>();
  made->from = from;
  made->to = to;
  made->octets.resize(size);
  return made;
}

std::string path(const std::vector<JournalStepPtr>& steps) {
  std::string text;
  for (const JournalStepPtr& one : steps)
    text += std::to_string(one->from) + '>' + std::to_string(one->to) + ' ';
  return text;
}

const std::string kA = "a.x.test 60 A 192.0.2.1", kB = "b.x.test 60 A 192.0.2.2",
                  kC = "c.x.test 60 A 192.0.2.3", kB4 = "b.x.test 60 A 192.0.2.4";

}  // namespace

TEST_CASE("journal: what differs between two versions of a zone") {
  CHECK(difference({kA, kB}, {kA, kB}) == Lines{"-1", "+2"});
  CHECK(difference({kA, kB}, {kB, kC}) ==
        Lines{"-1", "-a.x.test. 60 A 1", "+2", "+c.x.test. 60 A 3"});
  CHECK(difference({kB}, {kA, kB, kC}) ==
        Lines{"-1", "+2", "+a.x.test. 60 A 1", "+c.x.test. 60 A 3"});
  CHECK(difference({kA, kC}, {}) == Lines{"-1", "-a.x.test. 60 A 1", "-c.x.test. 60 A 3", "+2"});
  // Of a name that stays what has changed; another TTL is another record.
  CHECK(difference({kA, kB, kC}, {kA, kB, kB4, kC}) == Lines{"-1", "+2", "+b.x.test. 60 A 4"});
  CHECK(difference({kB}, {"b.x.test 61 A 192.0.2.2"}) ==
        Lines{"-1", "-b.x.test. 60 A 2", "+2", "+b.x.test. 61 A 2"});
  CHECK(difference({"x.test 60 TXT a"}, {"x.test 60 TXT b"}) ==
        Lines{"-1", "-x.test. 60 TXT 97", "+2", "+x.test. 60 TXT 98"});
}

TEST_CASE("journal: steps become one, without what went and came again") {
  const std::vector<Lines> versions{{kA, kB}, {kA, kB4}, {kA, kB, kC}, {kB, kC}};
  std::vector<JournalStepPtr> steps;
  for (uint32_t i = 0; i + 1 < versions.size(); ++i)
    steps.push_back(records::difference(*zone(i, versions[i]), *zone(i + 1, versions[i + 1])));
  const auto one = records::condense(steps);
  CHECK(lines_of(*one) == Lines{"-0", "-a.x.test. 60 A 1", "+3", "+c.x.test. 60 A 3"});
  CHECK(one->from == 0);
  CHECK(one->to == 3);
  CHECK(one->records == 2);
  CHECK(lines_of(*records::condense(std::vector{steps[0], steps[1]})) ==
        Lines{"-0", "+2", "+c.x.test. 60 A 3"});
}

TEST_CASE("journal: leads from any version that it has to any later one") {
  const auto counts = std::make_shared<JournalCounts>();
  Journal journal(counts);
  CHECK(path(journal.steps(1, 2)).empty());
  for (uint32_t serial = 1; serial < 5; ++serial) journal.add(step(serial, serial + 1));
  CHECK(path(journal.steps(2, 5)) == "2>3 3>4 4>5 ");
  CHECK(path(journal.steps(2, 4)) == "2>3 3>4 ");  // of one who has an earlier version at hand
  CHECK(path(journal.steps(4, 5)) == "4>5 ");
  for (const auto& [from, to] : {std::pair(0, 5), {5, 5}, {5, 4}, {2, 6}, {4, 3}})
    CHECK(path(journal.steps(from, to)).empty());
  CHECK(counts->steps == 4);
  journal.add(step(7, 8));  // not from where the last one led
  CHECK(path(journal.steps(4, 5)).empty());
  CHECK(path(journal.steps(7, 8)) == "7>8 ");
  journal.clear();
  CHECK(path(journal.steps(7, 8)).empty());
  CHECK(counts->steps == 0);
  CHECK(counts->octets == 0);
  CHECK(counts->overruns == 0);
}

TEST_CASE("journal: serials go round") {
  Journal journal(std::make_shared<JournalCounts>());
  journal.add(step(4294967290, 4294967295));
  journal.add(step(4294967295, 0));
  journal.add(step(0, 5));
  CHECK(path(journal.steps(4294967290, 5)) == "4294967290>4294967295 4294967295>0 0>5 ");
  CHECK(path(journal.steps(0, 5)) == "0>5 ");
  CHECK(dns::is_newer(5, 4294967290));
}

TEST_CASE("journal: bounded in octets and in steps, the oldest go") {
  const auto counts = std::make_shared<JournalCounts>();
  {
    Journal journal(counts);
    for (uint32_t serial = 0; serial < 10; ++serial)
      journal.add(step(serial, serial + 1, 1000), 5000);
    CHECK(path(journal.steps(6, 10)) == "6>7 7>8 8>9 9>10 ");
    CHECK(path(journal.steps(5, 10)).empty());
    CHECK(counts->octets <= 5000);
    CHECK(counts->steps == 4);
    CHECK(counts->overruns == 6);
    journal.add(step(10, 11, 5000), 5000);  // more than there is room for
    CHECK(path(journal.steps(10, 11)).empty());
    CHECK(counts->steps == 0);
    for (uint32_t serial = 11; serial < 12 + Journal::kMostSteps; ++serial)
      journal.add(step(serial, serial + 1));
    CHECK(counts->steps == Journal::kMostSteps);
    CHECK(journal.steps(11, 20).empty());
    CHECK(journal.steps(12, 20).size() == 8);
  }
  CHECK(counts->steps == 0);
  CHECK(counts->octets == 0);
}
