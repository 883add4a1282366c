// A cluster's zone in the compact form: what comes from the network, and what it says then.
#include "records/cluster_copy.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/query.h"
#include "records/incoming_zone.h"
#include "records/respond_cluster.h"
#include "test/unit/records/transfer_message.h"

using namespace fairlead;
using dns::Name;
using dns::RrType;
using records::IncomingZone;
using State = IncomingZone::State;

namespace {

using test::kSoa;
using test::Lines;
using test::name;
using test::Octets;

const std::string kRules = "_fairlead.x.test 5 TYPE65280 \\# 11 0101000000000900000003";
const std::string kMark = "a.svc.x.test 5 TYPE65281 \\# 1 01";
const Octets kEpoch{1, 2, 3, 4, 5, 6, 7, 8};

struct Said {
  Octets epoch = kEpoch;
  Octets form{1};
};

Octets message(const Lines& lines, const Said& said = {}, bool first = true) {
  dns::Query query = test::transfer_query();
  query.has_edns = true;
  dns::Answer answer;
  if (first) answer.add_option(records::kEpochOption, said.epoch);
  if (first) answer.add_option(dns::kCompactOption, said.form);
  return test::render_lines(query, answer, lines);
}

std::string error_of(const Lines& between, const Said& said = {}) {
  IncomingZone incoming(name("x.test"), 9);
  Lines all{kSoa};
  all.insert(all.end(), between.begin(), between.end());
  all.push_back(kSoa);
  const State state = incoming.take(message(all, said));
  CHECK((state == State::Done) == incoming.cluster().has_value());
  return state == State::Done ? "done" : incoming.error();
}

// All that is said of the name, a record a line, behind the code.
Lines ask(const IncomingZone& incoming, const std::shared_ptr<const records::Zone>& zone,
          const std::string& asked, RrType type, std::span<const Name> fall_through = {}) {
  dns::Query query;
  query.has_question = true;
  query.qtype = type;
  const Name text = name(asked);
  query.set_name(text.view());
  dns::Answer answer;
  const records::Response said =
      records::respond_cluster(*zone, *incoming.cluster(), query, fall_through, answer);
  Lines lines;
  if (said.outcome == records::Outcome::PassOn) return {"passed on"};
  lines.push_back(dns::to_text(answer.rcode));
  for (const dns::Record& record : answer.records())
    lines.push_back(dns::to_text(answer.name(record.owner, query.qname)) + " " +
                    std::to_string(record.ttl) + " " + dns::to_text(record.type));
  if (said.outcome == records::Outcome::Chase)
    lines.push_back("chase " + dns::to_text(answer.name(said.target, query.qname)));
  return lines;
}

}  // namespace

TEST_CASE("cluster copy: what is no zone in the compact form costs the transfer") {
  CHECK(error_of({kRules, kMark}) == "done");
  CHECK(error_of({kRules}) == "done");
  CHECK(error_of({kMark}) == "the zone does not say how it is answered");
  CHECK(error_of({}) == "the zone does not say how it is answered");
  const std::string rules_at = "the zone has a private record at _fairlead.x.test.";
  CHECK(error_of({kRules, "_fairlead.x.test 5 TYPE65280 \\# 11 0102000000000900000003"}) ==
        rules_at + " twice");
  for (const std::string rdata : {"0", "10 01010000000009000000", "12 010100000000090000000300",
                                  "11 0201000000000900000003", "11 0103000000000900000003"})
    CHECK(error_of({"_fairlead.x.test 5 TYPE65280 \\# " + rdata}) ==
          rules_at + " that cannot be read");
  for (const std::string rdata : {"0", "1 02", "2 0101"})
    CHECK(error_of({kRules, "a.svc.x.test 5 TYPE65281 \\# " + rdata}) ==
          "the zone has a private record at a.svc.x.test. that cannot be read");
  for (const std::string owner :
       {"svc.x.test.", "x.test.", "a.b.svc.x.test.", "a.pod.x.test.", "_fairlead.x.test."})
    CHECK(error_of({kRules, owner + " 5 TYPE65281 \\# 1 01"}) ==
          "the zone has a private record at " + owner + ", where none belongs");
  CHECK(error_of({kRules, "_zone.web.a.svc.x.test. 5 TYPE65283 \\# 1 01"}) == "done");
  CHECK(error_of({kRules, "_zone.web.a.svc.x.test. 5 TYPE65283 \\# 1 02"}) ==
        "the zone has a private record at _zone.web.a.svc.x.test. that cannot be read");
  for (const std::string owner : {"_zone.a.svc.x.test.", "web.a.svc.x.test.", "x.test.",
                                  "_zone.web.a.pod.x.test.", "_zone.x.web.a.svc.x.test."})
    CHECK(error_of({kRules, owner + " 5 TYPE65283 \\# 1 01"}) ==
          "the zone has a private record at " + owner + ", where none belongs");
  for (const std::string owner : {"x.test.", "_fairlead.svc.x.test.", "a._fairlead.x.test."})
    CHECK(error_of({owner + " 5 TYPE65280 \\# 11 0101000000000900000003"}) ==
          "the zone has a private record at " + owner + ", where none belongs");
}

TEST_CASE("cluster copy: records come packed, and those that cannot be read cost the transfer") {
  IncomingZone incoming(name("x.test"), 9);
  REQUIRE(incoming.take(message({kSoa, kRules,
                                 "web.a.svc.x.test 5 TYPE65282 \\# 11 "
                                 "00400a000001400a000002",
                                 kSoa})) == State::Done);
  const auto zone = incoming.finish();
  CHECK(zone->record_count() == 4);
  CHECK(ask(incoming, zone, "10-0-0-2.web.a.svc.x.test", RrType::A) ==
        Lines{"NOERROR", "10-0-0-2.web.a.svc.x.test. 5 A"});
  for (const std::string rdata : {"0", "1 06", "5 00400a0000", "6 00000a000001"})
    CHECK(error_of({kRules, "web.x.test 5 TYPE65282 \\# " + rdata}) ==
          "the record web.x.test. TYPE65282 cannot be read");
  CHECK(error_of({kRules, "web.x.test 5 TYPE65282 \\# 1 00"}) == "done");
  // A zone that is another's may have a type of that number.
  IncomingZone plain(name("x.test"), 9);
  CHECK(plain.take(message({kSoa, "web.x.test 5 TYPE65282 \\# 1 06", kSoa}, {}, false)) ==
        State::Done);
}

TEST_CASE("cluster copy: what is packed counts as what it stands for") {
  const std::string label(63, 'l');
  const std::string packed = label + "." + label +
                             ".x.test 5 TYPE65282 \\# 19 "
                             "02000000000000005001610162016301640165";
  IncomingZone many(name("x.test"), 9, nullptr, {.octets = 1000});
  CHECK(many.take(message({kSoa, kRules, packed, kSoa})) == State::Failed);
  CHECK(many.error() == "the zone is too large");
  IncomingZone incoming(name("x.test"), 9, nullptr, {.records = 4});
  CHECK(incoming.take(message({kSoa, kRules, "web.x.test 5 TYPE65282 \\# 11 00400a000001400a000002",
                               kSoa})) == State::Failed);
  CHECK(incoming.error() == "the zone is too large");
}

TEST_CASE("cluster copy: the form is known, and belongs to an epoch") {
  CHECK(error_of({kRules}, {.form = {2}}) == "the zone has a form that is not known");
  CHECK(error_of({kRules}, {.form = {}}) == "the zone has a form that is not known");
  CHECK(error_of({kRules}, {.form = {1, 1}}) == "the zone has a form that is not known");
  CHECK(error_of({kRules}, {.epoch = {}}) ==
        "the zone has a form that belongs to an epoch, and none");
  const records::Epoch epoch(5);
  CHECK(records::epoch_of_other_form(epoch) != epoch);
  CHECK(records::epoch_of_other_form(records::epoch_of_other_form(epoch)) == epoch);
  CHECK_FALSE(records::epoch_of_other_form(std::nullopt));
}

TEST_CASE("cluster copy: the first message says the form") {
  IncomingZone incoming(name("x.test"), 9);
  CHECK(incoming.take(message({kSoa, kRules}, {}, false)) == State::More);
  CHECK(incoming.take(message({kSoa})) == State::Done);
  CHECK_FALSE(incoming.is_compact());
  CHECK_FALSE(incoming.cluster());
}

TEST_CASE("cluster copy: changes that leave no such zone are none") {
  IncomingZone first(name("x.test"), 9);
  REQUIRE(first.take(message({kSoa, kRules, kMark, kSoa})) == State::Done);
  const auto copy = first.finish();
  const std::string newer = "x.test 60 SOA ns.x.test h.x.test 8 2 3 4 5";
  const auto change = [&](const Lines& removed, const Lines& added) {
    Lines all{newer, kSoa};
    all.insert(all.end(), removed.begin(), removed.end());
    all.push_back(newer);
    all.insert(all.end(), added.begin(), added.end());
    all.push_back(newer);
    IncomingZone incoming(name("x.test"), 9, copy);
    return incoming.take(message(all)) == State::Done ? "done" : incoming.error();
  };
  CHECK(change({kMark}, {"b.svc.x.test 5 TYPE65281 \\# 1 01"}) == "done");
  CHECK(change({kRules}, {}) == "the zone does not say how it is answered");
  CHECK(change({}, {"_fairlead.x.test 5 TYPE65280 \\# 11 0100000000000900000003"}) ==
        "the zone has a private record at _fairlead.x.test. twice");
}

TEST_CASE("cluster copy: what it says") {
  IncomingZone incoming(name("x.test"), 9);
  REQUIRE(incoming.take(message({kSoa, kRules, kMark, "one.a.svc.x.test 5 A 10.0.0.1",
                                 "_http._tcp.one.a.svc.x.test 5 SRV 0 100 80 one.a.svc.x.test",
                                 "out.a.svc.x.test 5 CNAME example.org",
                                 "loop.a.svc.x.test 5 CNAME loop.a.svc.x.test",
                                 "pod.a.svc.x.test 5 CNAME 10-0-0-9.a.pod.x.test", kSoa})) ==
          State::Done);
  const auto zone = incoming.finish();
  const auto said = [&](const std::string& asked, RrType type = RrType::A) {
    return ask(incoming, zone, asked, type);
  };
  const Lines none{"NXDOMAIN", "x.test. 3 SOA"}, nodata{"NOERROR", "x.test. 3 SOA"};
  CHECK(said("10-0-0-9.a.pod.x.test") == Lines{"NOERROR", "10-0-0-9.a.pod.x.test. 9 A"});
  CHECK(said("10-0-0-9.a.pod.x.test", RrType::Aaaa) == nodata);
  CHECK(said("q.10-0-0-9.a.pod.x.test", RrType::Srv) ==
        Lines{"NOERROR", "q.10-0-0-9.a.pod.x.test. 9 SRV", "10-0-0-9.a.pod.x.test. 9 A"});
  CHECK(said("10-0-0-9.b.pod.x.test") == none);
  CHECK(said("q.a.pod.x.test") == none);
  for (const char* empty : {"svc.x.test", "pod.x.test", "a.svc.x.test", "a.pod.x.test",
                            "ns.dns.x.test", "_tcp.one.a.svc.x.test"}) {
    CHECK(said(empty) == nodata);
    CHECK(said(empty, dns::kNamespaceMark) == nodata);
    CHECK(said(empty, RrType::Any) == nodata);
  }
  for (const char* missing : {"_fairlead.x.test", "dns.x.test", "b.svc.x.test", "b.pod.x.test"})
    for (const RrType type : {RrType::A, RrType::Any, dns::kClusterRules})
      CHECK(said(missing, type) == none);
  CHECK(said("http.tcp.one.a.svc.x.test") == Lines{"NOERROR", "http.tcp.one.a.svc.x.test. 5 A"});
  CHECK(said("out.a.svc.x.test") ==
        Lines{"NOERROR", "out.a.svc.x.test. 5 CNAME", "chase example.org."});
  CHECK(said("out.a.svc.x.test", RrType::Txt) == nodata);
  CHECK(said("loop.a.svc.x.test") == nodata);
  CHECK(said("pod.a.svc.x.test") ==
        Lines{"NOERROR", "pod.a.svc.x.test. 5 CNAME", "10-0-0-9.a.pod.x.test. 9 A"});
  const std::vector<Name> everywhere{name("x.test")};
  CHECK(ask(incoming, zone, "b.svc.x.test", RrType::A, everywhere) == Lines{"passed on"});
  CHECK(ask(incoming, zone, "a.svc.x.test", RrType::A, everywhere) == nodata);
}
