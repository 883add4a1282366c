// Records of a zone on their way in the compact form: fewer octets, and nothing is lost.
#include "dns/packed_records.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "dns/text_record.h"

namespace fairlead::dns {
namespace {

using Lines = std::vector<std::string>;
using Octets = std::vector<uint8_t>;

const Name kApex = *Name::from_text("x.test");

Answer answer_of(const Lines& lines) {
  Answer answer;
  for (const std::string& line : lines) {
    TextRecord record;
    REQUIRE(record.read(line).empty());
    answer.add_raw(Section::Answer, answer.add_name(record.owner()), record.type(), record.ttl(),
                   record.rdata());
  }
  return answer;
}

// Owner, type, TTL and rdata.
std::string line_of(const PlainRecord& record) {
  return to_text(record.owner) + " " + to_text(record.type) + " " + std::to_string(record.ttl) +
         " " + std::string(record.rdata.begin(), record.rdata.end());
}

Lines content(const Answer& answer) {
  Lines all;
  for (const Record& record : answer.records()) {
    const PlainRecord one{answer.name(record.owner, {}), record.type, record.ttl,
                          answer.rdata(record)};
    const auto take = [&](const PlainRecord& said) { return all.push_back(line_of(said)), true; };
    if (record.type != kPackedRecords) take(one);
    if (record.type == kPackedRecords) CHECK(unpack(one, take));
  }
  return all;
}

Lines sorted(Lines lines) {
  std::ranges::sort(lines);
  return lines;
}

struct Packed {
  Lines kinds;        // owner and type of each
  size_t octets = 0;  // of rdata
};

// Checks that nothing is lost.
Packed packed(const Lines& lines, const Name& apex = kApex) {
  const Answer plain = answer_of(lines);
  Answer out;
  pack(plain, apex.view(), out);
  CHECK(sorted(content(out)) == sorted(content(plain)));
  Packed result;
  for (const Record& record : out.records()) {
    result.kinds.push_back(to_text(out.name(record.owner, {})) + " " + to_text(record.type));
    result.octets += record.rdata_size;
  }
  return result;
}

TEST_CASE("packed records: addresses of names that they spell") {
  const Packed some =
      packed({"10-0-0-1.web.a.svc.x.test 5 A 10.0.0.1", "10-0-0-2.web.a.svc.x.test 5 A 10.0.0.2",
              "fd00--1.web.a.svc.x.test 5 AAAA fd00::1", "fd00--2.web.a.svc.x.test 5 AAAA fd00::2",
              "fd00--0.web.a.svc.x.test 5 AAAA fd00::"});
  CHECK(some.kinds == Lines{"web.a.svc.x.test. TYPE65282", "web.a.svc.x.test. TYPE65282"});
  CHECK(some.octets == (1 + 2 * 5) + (1 + 3 * 17));
}

TEST_CASE("packed records: addresses of names that they do not spell") {
  // As it is spelled elsewhere, in another case, and by another address.
  const Packed some =
      packed({"one.web.x.test 5 A 10.0.0.1", "one.web.x.test 5 A 10.0.0.2",
              "10-0-0-1.web.x.test 5 A 10.0.0.3", "FD00--1.web.x.test 5 AAAA fd00::1",
              "fd00-0--1.web.x.test 5 AAAA fd00::1"});
  CHECK(some.kinds.size() == 2);
  CHECK(some.octets == (1 + 4 + 4 + 1 + 4 + 9 + 4) + (1 + 8 + 16 + 10 + 16));
}

TEST_CASE("packed records: ports of a service and of its endpoints") {
  const Packed some = packed({"_http._tcp.web.a.x.test 5 SRV 0 100 80 web.a.x.test",
                              "_http._tcp.api.a.x.test 5 SRV 0 100 80 api.a.x.test",
                              "web.a.x.test 5 SRV 0 100 80 web.a.x.test",
                              "_http._tcp.set.a.x.test 5 SRV 0 50 80 10-0-0-1.set.a.x.test",
                              "_http._tcp.set.a.x.test 5 SRV 0 50 80 fd00--1.set.a.x.test",
                              "_http._tcp.set.a.x.test 5 SRV 0 50 80 one.set.a.x.test"});
  CHECK(some.kinds == Lines{"a.x.test. TYPE65282", "a.x.test. TYPE65282", "set.a.x.test. TYPE65282",
                            "set.a.x.test. TYPE65282"});
  // One of two items, the labels and numbers of the owner said once; one of one without labels; and
  // by the family that is spelled.
  constexpr size_t kPort = 2 + 11 + 1 + 6;
  CHECK(some.octets == (kPort + 4 + 4) + (2 + 1 + 6 + 4) + (kPort + 5 + 4) + (kPort + 17));
}

TEST_CASE("packed records: names of addresses") {
  const Name v4 = *Name::from_text("10.in-addr.arpa"), v6 = *Name::from_text("ip6.arpa");
  const Packed four = packed({"1.0.0.10.in-addr.arpa 5 PTR 10-0-0-1.web.a.svc.x.test",
                              "2.0.0.10.in-addr.arpa 5 PTR two.web.a.svc.x.test",
                              "3.0.0.10.in-addr.arpa 5 PTR two.web.a.svc.x.test"},
                             v4);
  CHECK(four.kinds == Lines{"10.in-addr.arpa. TYPE65282"});
  CHECK(four.octets == 1 + 18 + 5 + (4 + 4) + 5);
  const std::string zeros = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa";
  const Packed six = packed(
      {"1.0.0." + zeros + " 5 PTR fd00--1.x.test", "2.0.0." + zeros + " 5 PTR two.x.test"}, v6);
  CHECK(six.kinds == Lines{"ip6.arpa. TYPE65282"});
}

TEST_CASE("packed records: what is alone, or no such record, stays as it is") {
  const Lines lines{"one.web.x.test 5 A 10.0.0.1",
                    "one.web.x.test 6 A 10.0.0.2",
                    "x.test 5 A 10.0.0.1",
                    "x.test 5 NS ns.x.test",
                    "out.x.test 5 SRV 0 0 5 out.test",
                    "root.x.test 5 SRV 0 0 5 .",
                    "else.x.test 5 SRV 0 0 5 web.svc.x.test",
                    "two.x.test 5 TXT a",
                    "b.x.test 5 PTR c.x.test",
                    "1.0.0.10.in-addr.arpa 5 PTR ."};
  const Packed some = packed(lines);
  CHECK(some.kinds.size() == lines.size());
  for (const std::string& kind : some.kinds) CHECK(kind.find("65282") == std::string::npos);
}

TEST_CASE("packed records: none goes past a SOA record") {
  const std::string soa = "x.test 60 SOA ns.x.test h.x.test 7 2 3 4 5";
  const Lines some{"a.web.x.test 5 A 10.0.0.1", "b.web.x.test 5 A 10.0.0.2"};
  const Packed all = packed({soa, some[0], some[1], soa, some[1], some[0], soa});
  CHECK(all.kinds == Lines{"x.test. SOA", "web.x.test. TYPE65282", "x.test. SOA",
                           "web.x.test. TYPE65282", "x.test. SOA"});
}

TEST_CASE("packed records: many are cut into some that are not large") {
  Lines lines;
  for (int i = 0; i < 4000; ++i) {
    const std::string ends = std::to_string(i / 250) + "." + std::to_string(i % 250);
    std::string label = "10-0-" + ends;
    std::ranges::replace(label, '.', '-');
    lines.push_back(label.append(".web.x.test 5 A 10.0.").append(ends));
  }
  const Packed all = packed(lines);
  CHECK(all.kinds.size() == 3);
  CHECK(all.octets == 3 + 4000 * 5);
}

// The octets lie on the heap and are no more, so that a sanitizer sees one too far.
bool reads(const Octets& rdata, const std::string& owner = "web.x.test", size_t most = 9) {
  const Name name = *Name::from_text(owner);
  return unpack({name.view(), kPackedRecords, 5, rdata},
                [&](const PlainRecord&) { return most-- > 0; });
}

const Octets kAddresses{0, 64, 10, 0, 0, 1, 1, 'a', 10, 0, 0, 2, 65, 10, 0, 0, 3};
const Octets kServices{2, 1,   5, '_', 'h', 't', 't', 'p', 0, 0, 0,
                       0, 100, 0, 80,  64,  10,  0,   0,   1, 1, 'a'};
const Octets kPointers{4, 1, 'x', 0, 64, 10, 0, 0, 1, 1, 'a', 10, 0, 0, 2};

TEST_CASE("packed records: each octet is needed, and whoever has had enough is told no more") {
  for (const Octets& good : {kAddresses, kServices, kPointers}) {
    CHECK(reads(good));
    CHECK_FALSE(reads(good, "web.x.test", 1));
    CHECK_FALSE(reads(Octets(good.begin(), good.end() - 1)));
  }
}

TEST_CASE("packed records: what cannot be read") {
  const std::vector<Octets> all{
      {},
      {6},                                         // no such form
      {0, 0, 10, 0, 0, 1},                         // no label
      {0, 66, 10, 0, 0, 1},                        // no such label
      {0, 65, 10, 0, 0, 1},                        // none before it
      {2, 1, 0, 0, 0, 0, 0, 0, 80, 1, 'a', 65},    // of a form that has none
      {2, 2, 0, 0, 0, 0, 0, 0, 80, 1, 'a'},        // no such flag
      {2, 1, 0xc0, 0, 0, 0, 0, 0, 0, 80, 1, 'a'},  // a pointer is no label
      {4, 0xc0, 12, 64, 10, 0, 0, 1},
  };
  for (const Octets& bad : all) CHECK_FALSE(reads(bad));
}

TEST_CASE("packed records: names that are too long cannot be read") {
  const std::string label(63, 'a');
  const std::string three = label + "." + label + "." + label;
  CHECK_FALSE(reads(kAddresses, three + "." + label.substr(2)));
  Octets deep{2, 1, 63};
  deep.resize(3 + 63, 'b');
  deep.insert(deep.end(), {0, 0, 0, 0, 0, 0, 80, 1, 'a'});
  CHECK(reads(deep));
  CHECK_FALSE(reads(deep, three));
}

}  // namespace
}  // namespace fairlead::dns
