#include "dns/response.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "dns/parse.h"
#include "test/unit/dns/asked_upstream.h"

namespace fairlead::dns {
namespace {

TEST_CASE("response: a query as it is written") {
  const Name name = *Name::from_text("Web.X.");
  Question question{.qname = name.view(), .qtype = RrType::Aaaa};
  std::array<uint8_t, kMaxUpstreamQuery> out;
  const auto written = [&](bool edns) {
    const size_t size = write_query(question, 0xabcd, edns, out);
    return Octets(out.begin(), out.begin() + static_cast<long>(size));
  };
  CHECK(written(false) == octets("abcd 0100 0001 0000 0000 0000 \"Web.X.\" 001c 0001"));
  question.recursion_desired = false;
  question.checking_disabled = question.authentic_data = question.dnssec_ok = true;
  const Octets whole = written(true);
  CHECK(whole == octets("abcd 0030 0001 0000 0000 0001 \"Web.X.\" 001c 0001 "
                        "00 0029 04d0 0000 8000 0000"));
  Query query;
  CHECK(parse_query(whole, Transport::Udp, query).verdict == Verdict::Answer);
  CHECK(query.edns.dnssec_ok);
}

TEST_CASE("response: the longest query fits") {
  const std::string label(63, 'a');
  const Name name =
      *Name::from_text(label + "." + label + "." + label + "." + std::string(61, 'a'));
  REQUIRE(name.size() == kMaxNameSize);
  std::vector<uint8_t> options(kMaxUpstreamOptions);
  options[0] = 0xff;
  options[2] = (kMaxUpstreamOptions - 4) >> 8;
  options[3] = (kMaxUpstreamOptions - 4) & 0xff;
  const Question question{.qname = name.view(), .dnssec_ok = true, .options = options};
  std::array<uint8_t, kMaxUpstreamQuery> out;
  CHECK(write_query(question, 1, true, out) == kMaxUpstreamQuery);
  Query query;
  CHECK(parse_query(out, Transport::Udp, query).verdict == Verdict::Answer);
  CHECK(std::ranges::equal(query.edns.options, options));
  CHECK(write_query(question, 1, false, out) == kMaxUpstreamQuery - kMaxUpstreamOptions - 11);
}

TEST_CASE("response: what becomes of a message") {
  const std::string head = "1234 8180 0001 ";
  const std::string asked = "\"web.x.\" 0001 0001 ";
  const std::string one = head + "0001 0000 0000 " + asked;
  const std::string extra = head + "0000 0000 0001 " + asked;
  const std::string two_extra = head + "0000 0000 0002 " + asked;
  const std::string opt = "00 0029 04d0 00000000 0000 ";
  const std::string none = head + "0000 0000 0000 " + asked;
  const std::string a = "c00c 0001 0001 0000003c 0004 0a000001 ";
  const struct {
    const char* what;
    std::string packet;
    const char* verdict;
  } rows[] = {
      {"nothing", "", "not ours: short"},
      {"eleven octets", "1234 8180 0001 0000 0000 00", "not ours: short"},
      {"a query", "1234 0100 0001 0000 0000 0000 " + asked, "not ours: not_response"},
      {"another opcode", "1234 a180 0001 0000 0000 0000 " + asked, "not ours: not_response"},
      {"another id", "1235 8180 0001 0000 0000 0000 " + asked, "not ours: id"},
      {"a whole answer", one + a, "ours"},
      {"no records", none, "ours"},
      {"another case", head + "0000 0000 0000 \"WEB.x.\" 0001 0001", "ours"},
      {"another name", head + "0000 0000 0000 \"wxb.x.\" 0001 0001", "not ours: question"},
      {"a name below", head + "0000 0000 0000 \"a.web.x.\" 0001 0001", "not ours: question"},
      {"the name above", head + "0000 0000 0000 \"x.\" 0001 0001", "not ours: question"},
      {"a dot inside a label", head + "0000 0000 0000 057765622e780000010001",
       "not ours: question"},
      {"another type", head + "0000 0000 0000 \"web.x.\" 001c 0001", "not ours: question"},
      {"another class", head + "0000 0000 0000 \"web.x.\" 0001 0003", "not ours: question"},
      {"half a question", head + "0000 0000 0000 \"web.x.\" 0001 00", "not ours: question"},
      {"a question that points", head + "0000 0000 0000 c00c 0001 0001", "not ours: question"},
      {"two questions", "1234 8180 0002 0000 0000 0000 " + asked + asked, "not ours: question"},
      {"no question, NOERROR", "1234 8180 0000 0000 0000 0000", "not ours: question"},
      {"no question, NXDOMAIN", "1234 8183 0000 0000 0000 0000", "not ours: question"},
      {"no question, FORMERR", "1234 8181 0000 0000 0000 0000", "ours"},
      {"no question, SERVFAIL", "1234 8182 0000 0000 0000 0000", "ours"},
      {"no question, NOTIMP", "1234 8184 0000 0000 0000 0000", "ours"},
      {"no question, REFUSED", "1234 8185 0000 0000 0000 0000", "ours"},
      {"octets behind the last record", one + a + "ffff", "ours"},
      {"fewer records than counted", head + "0002 0000 0000 " + asked + a, "malformed: record"},
      {"65,535 records", head + "ffff ffff ffff " + asked + a, "malformed: record"},
      {"half a record", one + "c00c 0001 0001 0000", "malformed: record"},
      {"half an owner", one + "03 77", "malformed: record"},
      {"half a pointer", one + "c0", "malformed: record"},
      {"rdata beyond the end", one + "c00c 0001 0001 0000003c 0005 0a000001", "malformed: record"},
      {"cut off within a record, TC", "1234 8380 0001 0002 0000 0000 " + asked + a + "c00c 0001",
       "ours"},
      {"cut off within the owner, TC", "1234 8380 0001 0001 0000 0000 " + asked + "03 77", "ours"},
      {"a bad label, TC",
       "1234 8380 0001 0001 0000 0000 " + asked + "80 77 0001 0001 00000000 0000",
       "malformed: name"},
      {"an owner that points at itself", one + "c017 0001 0001 0000003c 0004 0a000001",
       "malformed: name"},
      {"an owner that points forward", one + "c020 0001 0001 0000003c 0004 0a000001",
       "malformed: name"},
      {"an owner that points into the header", one + "c000 0001 0001 0000003c 0004 0a000001",
       "malformed: name"},
      {"a label of a reserved kind", one + "4161 00 0001 0001 0000003c 0004 0a000001",
       "malformed: name"},
      {"an A of three octets", one + "c00c 0001 0001 0000003c 0003 0a0000", "malformed: rdata"},
      {"an OPT", extra + opt, "ours"},
      {"two OPTs", two_extra + opt + opt, "malformed: edns"},
      {"an OPT among the answers", one + opt, "malformed: edns"},
      {"an OPT with an owner", extra + "0161 00 0029 04d0 00000000 0000", "malformed: edns"},
      {"an OPT with an option", extra + "00 0029 04d0 00000000 0006 000a 0002 abcd", "ours"},
      {"an OPT with half an option", extra + "00 0029 04d0 00000000 0006 000a 0003 abcd",
       "malformed: edns"},
      {"an OPT that ends in an option's code", extra + "00 0029 04d0 00000000 0002 000a",
       "malformed: edns"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    CHECK(verdict_of(octets(row.packet)) == row.verdict);
  }
}

TEST_CASE("response: every prefix of a message is read without reading further") {
  UpstreamReply reply = reply_with({"@ 60 CNAME a.x.", "a.x. 60 A 10.0.0.1"}, {"x. 60 NS ns.x."},
                                   {"ns.x. 60 A 10.0.0.2"});
  const Octets whole = reply.encode();
  for (size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(verdict_of(Octets(whole.begin(), whole.begin() + static_cast<long>(size))) != "ours");
  }
  CHECK(verdict_of(whole) == "ours");
}

TEST_CASE("response: names that compression makes longer than 255 octets") {
  // Four labels of 63 octets at the question's name would make 257.
  const std::string label = "3f" + [] {
    std::string text;
    for (int i = 0; i < 63; ++i) text += "61";
    return text;
  }();
  const std::string head = "1234 8180 0001 0001 0000 0000 \"web.x.\" 0001 0001 ";
  const std::string tail = "c00c 0001 0001 0000003c 0004 0a000001";
  CHECK(verdict_of(octets(head + label + label + label + tail)) == "ours");
  CHECK(verdict_of(octets(head + label + label + label + label + tail)) == "malformed: name");
  // As the rdata of a CNAME: 64 * 3 + 2.
  const std::string cname = head + "c00c 0005 0001 0000003c ";
  CHECK(verdict_of(octets(cname + "00c2" + label + label + label + "c00c")) == "ours");
  CHECK(verdict_of(octets(cname + "0102" + label + label + label + label + "c00c")) ==
        "malformed: rdata");
}

TEST_CASE("response: a pointer to a pointer to a pointer has an end") {
  // 200 pointers, each at the one before: no name has so many labels.
  Octets packet =
      octets("1234 8180 0001 0002 0000 0000 \"web.x.\" 0001 0001 00 000a 0001 00000000");
  put16(packet, 400);
  size_t last = 12;
  for (int i = 0; i < 200; ++i) {
    const size_t here = packet.size();
    put16(packet, 0xc000 | last);
    last = here;
  }
  put16(packet, 0xc000 | last);
  put(packet, octets("0001 0001 00000000 0004 0a000001"));
  CHECK(verdict_of(packet) == "malformed: name");
}

TEST_CASE("response: the head of the answer") {
  UpstreamReply reply = reply_with({"@ 60 A 10.0.0.1"});
  Asked asked;
  reply.flags = 0x8003 | 0x0400 | 0x0200;
  asked.read(reply.encode());
  CHECK(asked.answer.rcode == Rcode::NxDomain);
  CHECK(asked.answer.authoritative);
  CHECK(asked.answer.truncated);
  CHECK(asked.response.truncated);
  CHECK_FALSE(asked.answer.recursion_available);
  CHECK_FALSE(asked.answer.authentic_data);
  CHECK_FALSE(asked.response.has_edns);
  CHECK(asked.answer.records().size() == 1);

  reply.flags = 0x80a0;
  asked.read(reply.encode());
  CHECK(asked.answer.rcode == Rcode::NoError);
  CHECK_FALSE(asked.answer.authoritative);
  CHECK_FALSE(asked.answer.truncated);
  CHECK_FALSE(asked.response.truncated);
  CHECK(asked.answer.recursion_available);
  CHECK(asked.answer.authentic_data);
}

TEST_CASE("response: the OPT's upper bits of the rcode") {
  Octets packet =
      octets("1234 8180 0001 0000 0000 0001 \"web.x.\" 0001 0001 00 0029 04d0 01000000 0000");
  Asked asked;
  asked.read(packet);
  CHECK(verdict(asked.response) == "ours");
  CHECK(asked.response.has_edns);
  CHECK(asked.answer.rcode == Rcode::BadVers);
  packet[3] = 0x87;
  asked.read(packet);
  CHECK(static_cast<int>(asked.answer.rcode) == 0x17);
}

TEST_CASE("response: an answer that is refused later leaves nothing of an earlier one") {
  Asked asked;
  asked.read(reply_with({"@ 60 A 10.0.0.1"}).encode());
  REQUIRE(asked.answer.records().size() == 1);
  asked.read(reply_with({"@ 60 A 10.0.0.1", "@ 60 A #0a"}).encode());
  CHECK(verdict(asked.response) == "malformed: rdata");
  CHECK(asked.answer.records().empty());
  asked.read(reply_with({"@ 60 A 10.0.0.1"}).encode());
  asked.read({});
  CHECK(asked.answer.records().empty());
}

TEST_CASE("response: as many records as a message can hold") {
  UpstreamReply reply;
  reply.answer.assign(5900, ". 0 TYPE999 #");
  Octets packet = reply.encode();
  REQUIRE(packet.size() < 65535);
  CHECK(verdict_of(packet) == "ours");

  reply.answer.clear();
  for (int i = 0; i < 4000; ++i) {
    reply.answer.push_back("@ 60 A 10.1." + std::to_string(i / 256) + "." +
                           std::to_string(i % 256));
  }
  Asked asked;
  asked.read(reply.encode());
  CHECK(asked.answer.records().size() == 4000);
}

TEST_CASE("response: every fault has a text of its own") {
  std::vector<std::string> texts;
  for (size_t i = 0; i < kResponseFaults; ++i) {
    const std::string text = to_text(static_cast<ResponseFault>(i));
    CHECK(std::find(texts.begin(), texts.end(), text) == texts.end());
    CHECK(text != "unknown");
    texts.push_back(text);
  }
}

}  // namespace
}  // namespace fairlead::dns
