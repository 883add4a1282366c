#include "records/incoming_zone.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/numbers.h"
#include "dns/parse.h"
#include "dns/query.h"
#include "test/unit/records/transfer_message.h"

using namespace fairlead;
using dns::Name;
using records::IncomingZone;
using State = IncomingZone::State;

namespace {

using test::kSoa;
using test::Lines;
using test::name;
using test::Octets;

const Lines kWhole{kSoa, "x.test NS ns.x.test", "ns.x.test A 192.0.2.1", kSoa};

// What is no record in master files has none here.
Octets message(const Lines& lines, uint16_t id = 9, dns::Rcode rcode = dns::Rcode::NoError) {
  dns::Answer answer;
  answer.rcode = rcode;
  return test::render_lines(test::transfer_query(id), answer, lines);
}

std::string error_of(const std::vector<Octets>& messages,
                     const records::TransferLimits& limits = {}) {
  IncomingZone incoming(name("x.test"), 9, nullptr, limits);
  State state = State::More;
  for (const Octets& one : messages) state = incoming.take(one);
  if (state == State::More) return "more";
  return state == State::Done ? "done" : incoming.error();
}

}  // namespace

TEST_CASE("incoming zone: whole, in messages of any number of records") {
  IncomingZone incoming(name("x.test"), 9);
  CHECK(incoming.take(message({kSoa})) == State::More);
  CHECK(incoming.take(message({})) == State::More);
  CHECK(incoming.take(message({"x.test NS ns.x.test", "NS.x.test 120 A 192.0.2.1",
                               "elsewhere.test A 192.0.2.1"})) == State::More);
  CHECK(incoming.take(message({"a.b.x.test MX 1 ns.x.test", kSoa})) == State::Done);
  CHECK(incoming.outside() == 1);
  const auto zone = incoming.finish();
  CHECK(zone->serial() == 7);
  CHECK(zone->record_count() == 4);
  CHECK(zone->find(name("b.x.test").view()) != nullptr);
  CHECK(zone->find(name("ns.x.test").view()) != nullptr);
  const records::SoaTimes times = records::soa_times(*zone);
  CHECK(times.refresh == 2);
  CHECK(times.retry == 3);
  CHECK(times.expire == 4);
}

TEST_CASE("incoming zone: the epoch is what the server says of it") {
  const auto epoch_of = [](const Octets& data, bool has_option = true) {
    dns::Query query;
    query.id = 9;
    query.transport = dns::Transport::Tcp;
    query.has_question = query.has_edns = true;
    const Name zone = name("x.test");
    query.set_name(zone.view());
    dns::Answer answer;
    if (has_option) answer.add_option(records::kEpochOption, data);
    for (int i = 0; i < 2; ++i) {
      dns::TextRecord record;
      REQUIRE(record.read(kSoa).empty());
      answer.add_raw(dns::Section::Answer, answer.add_name(record.owner()), record.type(),
                     record.ttl(), record.rdata());
    }
    Octets out(dns::kMaxTcpReply);
    out.resize(dns::render(query, answer, out));
    IncomingZone incoming(name("x.test"), 9);
    CHECK(incoming.take(out) == State::Done);
    return incoming.epoch();
  };
  CHECK_FALSE(epoch_of({}, false));
  CHECK_FALSE(epoch_of({}));
  CHECK_FALSE(epoch_of({1, 2, 3, 4, 5, 6, 7}));
  CHECK_FALSE(epoch_of({1, 2, 3, 4, 5, 6, 7, 8, 9}));
  CHECK(epoch_of({0xff, 2, 3, 4, 5, 6, 7, 8}) == 0xff02030405060708);
  CHECK(epoch_of(Octets(8)) == 0);
}

TEST_CASE("incoming zone: a query says the epoch that is known") {
  for (const records::Epoch epoch : {records::Epoch(), records::Epoch(0xff02030405060708)}) {
    Octets options;
    records::add_epoch_option(options, epoch);
    Octets query = records::transfer_query(name("x.test"), 9, nullptr, options);
    dns::Query read;
    REQUIRE(dns::parse_query(query, dns::Transport::Tcp, read).verdict == dns::Verdict::Answer);
    const auto said = dns::find_option(read.edns.options, records::kEpochOption);
    REQUIRE(said);
    CHECK(said->size() == (epoch ? 8 : 0));
    CHECK(records::read_epoch(*said) == epoch);
  }
}

TEST_CASE("incoming zone: what is no zone") {
  CHECK(error_of({message(kWhole)}) == "done");
  CHECK(error_of({message({kSoa})}) == "more");
  CHECK(error_of({message(kWhole, 8)}) == "a message has another id");
  CHECK(error_of({message({}, 9, dns::Rcode::Refused)}) == "the server says REFUSED");
  CHECK(error_of({message({})}) == "the reply has no records");
  CHECK(error_of({Octets(11)}) == "a message is too short");
  CHECK(error_of({message({"x.test NS ns.x.test"})}) ==
        "the record x.test. NS comes before the SOA");
  CHECK(error_of(
            {message({kSoa, "x.test NS ns.x.test", "x.test SOA ns.x.test h.x.test 8 2 3 4 5"})}) ==
        "the last SOA is not the first");
  CHECK(error_of({message({kSoa, "a.x.test SOA ns.x.test h.x.test 7 2 3 4 5", kSoa})}) ==
        "the zone has SOA owner a.x.test. that does not match origin x.test.");
  CHECK(error_of({message({kSoa, kSoa, "x.test NS ns.x.test"})}) ==
        "there are records behind the last SOA");
  Octets meta = message({kSoa, "q.x.test TYPE65280 \\# 1 00"});
  const Octets type{0xff, 0x00};
  std::ranges::copy(Octets{0, 250}, std::ranges::search(meta, type).begin());
  CHECK(error_of({meta}) == "the record q.x.test. TSIG cannot be in a zone");
  Octets cut = message(kWhole);
  cut.resize(cut.size() - 3);
  CHECK(error_of({cut}) == "a record cannot be read");
  Octets query = message(kWhole);
  query[2] = 0;
  CHECK(error_of({query}) == "a message is no reply");
  Octets truncated = message(kWhole);
  truncated[2] |= 2;
  CHECK(error_of({truncated}) == "a message is truncated");
  Octets other = message(kWhole);
  other[13] = 'y';
  CHECK(error_of({other}) == "a message is about another zone");
}

TEST_CASE("incoming zone: changes to a copy") {
  IncomingZone first(name("x.test"), 9);
  REQUIRE(first.take(message({kSoa, "x.test NS NS.x.test", "a.x.test 60 A 192.0.2.1",
                              "b.x.test A 192.0.2.2", kSoa})) == State::Done);
  const auto copy = first.finish();
  const auto soa = [](int serial) {
    return "x.test 60 SOA ns.x.test h.x.test " + std::to_string(serial) + " 2 3 4 5";
  };
  const auto take = [&](const Lines& lines) {
    IncomingZone incoming(name("x.test"), 9, copy);
    const State state = incoming.take(message(lines));
    if (state == State::Failed) return incoming.error();
    if (state == State::Current) return std::string("current");
    if (state == State::More) return std::string("more");
    const auto zone = incoming.finish();
    std::string text = std::to_string(zone->serial());
    if (!incoming.was_changes()) text += " whole";
    for (size_t i = 1; i < zone->name_count(); ++i) {
      text += " " + dns::to_text(zone->name(zone->node(i)));
      for (const records::ZoneRecord record : zone->records(zone->node(i)))
        text += ":" + std::to_string(record.rdata.back()) + "/" + std::to_string(record.ttl);
    }
    return text;
  };
  CHECK(take({soa(7)}) == "current");
  CHECK(take({soa(6)}) == "current");
  CHECK(take({soa(8)}) == "more");
  CHECK(take({soa(8), "a.x.test 9 A 192.0.2.9", soa(8)}) == "8 whole a.x.test.:9/9");
  CHECK(take({soa(8), soa(7), "b.x.test A 192.0.2.2", soa(8), "c.x.test 5 A 192.0.2.3", soa(8)}) ==
        "8 a.x.test.:1/60 c.x.test.:3/5");
  // Two steps, of which the second takes back what the first did; another TTL.
  CHECK(take({soa(9), soa(7), "b.x.test A 192.0.2.2", soa(8), "c.x.test 5 A 192.0.2.3", soa(8),
              "C.x.test A 192.0.2.3", "a.x.test 60 A 192.0.2.1", soa(9), "b.x.test 6 A 192.0.2.2",
              "a.x.test 7 A 192.0.2.1", soa(9)}) == "9 a.x.test.:1/7 b.x.test.:2/6");
  // Names in rdata are compared without regard to case, and what lies outside is nobody's.
  CHECK(take({soa(8), soa(7), "x.test NS ns.X.test", "q.test A 192.0.2.1", soa(8), soa(8)}) ==
        "8 a.x.test.:1/60 b.x.test.:2/3600");
  CHECK(take({soa(8), soa(7), "z.x.test A 192.0.2.2", soa(8), soa(8)}) ==
        "the changes are not to the copy");
  CHECK(take({soa(8), soa(7), soa(8), "b.x.test A 192.0.2.2", soa(8)}) ==
        "the changes are not to the copy");
  CHECK(take({soa(9), soa(7), soa(8), soa(9)}) == "the changes do not follow each other");
  CHECK(take({soa(9), soa(7), soa(8)}) == "more");
  CHECK(take({soa(9), soa(6), soa(9)}) == "the last SOA is not the first");
  const auto query = records::transfer_query(name("x.test"), 9, copy.get(), {});
  CHECK(query[9] == 1);
  CHECK(query[12 + 8 + 1] == 251);
  CHECK(query[query.size() - 17] == 7);
}

TEST_CASE("incoming zone: nothing is without end") {
  records::TransferLimits few;
  few.records = 3;
  CHECK(error_of({message(kWhole)}, few) == "the zone is too large");
  few = {.octets = message({kSoa}).size() + 1};
  CHECK(error_of({message({kSoa}), message({})}, few) == "the zone is too large");
  few = {.messages = 2};
  CHECK(error_of({message({kSoa}), message({})}, few) == "more");
  CHECK(error_of({message({kSoa}), message({}), message({})}, few) == "the zone is too large");
}

TEST_CASE("incoming zone: queries with an EDNS option") {
  const Octets kOption{0, 9, 0, 0};
  const Octets kOpt{0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 4, 0, 9, 0, 0};
  const auto with_opt = [&](Octets query) {
    query[11] = 1;
    query.insert(query.end(), kOpt.begin(), kOpt.end());
    return query;
  };
  const Name zone = name("x.test");
  CHECK(records::serial_query(zone, 9, kOption) == with_opt(records::serial_query(zone, 9, {})));
  CHECK(records::transfer_query(zone, 9, nullptr, kOption) ==
        with_opt(records::transfer_query(zone, 9, nullptr, {})));
  IncomingZone incoming(zone, 9);
  incoming.take(message(kWhole));
  const auto copy = incoming.finish();
  CHECK(records::transfer_query(zone, 9, copy.get(), kOption) ==
        with_opt(records::transfer_query(zone, 9, copy.get(), {})));
}

TEST_CASE("incoming zone: the serial that a server says, and which is newer") {
  std::string error;
  CHECK(records::read_serial(message({kSoa}), name("x.test"), 9, error) == 7);
  CHECK(error.empty());
  records::read_serial(message({"x.test NS ns.x.test"}), name("x.test"), 9, error);
  CHECK(error == "the server does not say the SOA");
  records::read_serial(message({kSoa}), name("x.test"), 8, error);
  CHECK(error == "a message has another id");
  CHECK(dns::is_newer(2, 1));
  CHECK(!dns::is_newer(1, 1));
  CHECK(!dns::is_newer(1, 2));
  CHECK(dns::is_newer(1, 4294967295));
  CHECK(dns::is_newer(2147483657, 10));   // 2^31 - 1 more
  CHECK(!dns::is_newer(2147483658, 10));  // S14: 2^31 more
}
