#include "dns/parse.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "test/unit/dns/octets.h"

namespace fairlead::dns {
namespace {

const std::string kHead = "1234 0100 ";
const std::string kOne = kHead + "0001 0000 0000 0000 ";
const std::string kQuestion = "\"web.x.\" 0001 0001 ";
const std::string kWithRecord = kHead + "0001 0000 0000 0001 " + kQuestion;
const std::string kWithTwo = kHead + "0001 0000 0000 0002 " + kQuestion;
const std::string kOpt = "00 0029 04d0 00000000 0000 ";
const std::string kTsig =
    "\"key.\" 00fa 00ff 00000000 0031 \"hmac-sha256.\" 000000000001 012c 0010 "
    "00112233445566778899aabbccddeeff 1234 0000 0004 00000000 ";

std::string verdict(const std::string& text, Transport transport = Transport::Udp) {
  const Octets packet = octets(text);
  Query query;
  const Parsed parsed = parse_query(packet, transport, query);
  if (parsed.verdict == Verdict::Drop) return "drop";
  if (parsed.verdict == Verdict::Answer) return "answer";
  if (parsed.verdict == Verdict::Notify) return "notify";
  return to_text(parsed.rcode) + (query.has_question ? " with question" : "");
}

TEST_CASE("parse: what becomes of a packet") {
  const struct {
    const char* what;
    std::string packet;
    const char* verdict;
  } cases[] = {
      {"nothing", "", "drop"},
      {"eleven octets", "1234 0100 0001 0000 0000 00", "drop"},
      {"a response", "1234 8100 0001 0000 0000 0000 " + kQuestion, "drop"},
      {"a query", kOne + kQuestion, "answer"},
      {"the root", kOne + "00 0002 0001", "answer"},
      {"no question", kHead + "0000 0000 0000 0000", "FORMERR"},
      {"two questions", kHead + "0002 0000 0000 0000 " + kQuestion + kQuestion, "FORMERR"},
      {"IQUERY", "1234 0900 0001 0000 0000 0000 " + kQuestion, "NOTIMP"},
      {"NOTIFY", "1234 2000 0001 0000 0000 0000 " + kQuestion, "notify"},
      {"NOTIFY of nothing", "1234 2000 0000 0000 0000 0000 ", "FORMERR"},
      {"UPDATE without a question", "1234 2800 0000 0000 0000 0000", "NOTIMP"},
      {"opcode 15", "1234 7800 0001 0000 0000 0000 " + kQuestion, "NOTIMP"},
      {"too many answers", kHead + "0001 0002 0000 0000 " + kQuestion, "FORMERR"},
      {"too many authorities", kHead + "0001 0000 0002 0000 " + kQuestion, "FORMERR"},
      {"too many additionals", kHead + "0001 0000 0000 0003 " + kQuestion, "FORMERR"},
      {"one answer, as IXFR and NOTIFY have",
       kHead + "0001 0001 0000 0000 " + kQuestion + "00 0001 0001 00000000 0004 01020304",
       "answer"},
      {"question cut in its name", kOne + "03 7765", "FORMERR"},
      {"question without a class", kOne + "\"web.\" 0001 00", "FORMERR"},
      {"name without an end", kOne + "03 776562", "FORMERR"},
      {"label of 64", kOne + "40" + std::string(128, '6') + "00 0001 0001", "FORMERR"},
      {"label type 10", kOne + "80 00 0001 0001", "FORMERR"},
      {"pointer as the first name", kOne + "c00c 0001 0001", "FORMERR"},
      {"label, then a pointer", kOne + "01 61 c00c 0001 0001", "FORMERR"},
      {"octets behind the message", kOne + kQuestion + "deadbeef", "answer"},
      {"a record that is promised and missing", kWithRecord, "FORMERR"},
      {"a record cut in its head", kWithRecord + "00 0029 04", "FORMERR"},
      {"rdata beyond the end", kWithRecord + "00 0029 04d0 00000000 0001", "FORMERR"},
      {"OPT", kWithRecord + kOpt, "answer"},
      {"two OPT", kWithTwo + kOpt + kOpt, "FORMERR"},
      {"OPT below a name", kWithRecord + "01 61 00 0029 04d0 00000000 0000", "FORMERR"},
      {"OPT owner that points to a root", kWithRecord + "c012 0029 04d0 00000000 0000", "FORMERR"},
      {"OPT among the answers", kHead + "0001 0001 0000 0000 " + kQuestion + kOpt, "FORMERR"},
      {"option cut in its head", kWithRecord + "00 0029 04d0 00000000 0003 0003 00", "FORMERR"},
      {"option longer than the record", kWithRecord + "00 0029 04d0 00000000 0005 0003 0002 00",
       "FORMERR"},
      {"option of length 0", kWithRecord + "00 0029 04d0 00000000 0004 0003 0000", "answer"},
      {"EDNS version 1", kWithRecord + "00 0029 04d0 00010000 0000", "BADVERS with question"},
      {"EDNS version 1 with options of its own kind",
       kWithRecord + "00 0029 04d0 00010000 0003 ffffff", "BADVERS with question"},
      {"TSIG", kWithRecord + kTsig, "NOTAUTH with question"},
      {"OPT and TSIG", kWithTwo + kOpt + kTsig, "NOTAUTH with question"},
      {"TSIG that is not last", kWithTwo + kTsig + kOpt, "FORMERR"},
      {"TSIG of class IN",
       kWithRecord + "00 00fa 0001 00000000 0011 00 0000000000010000 0000 1234 0000 0000",
       "FORMERR"},
      {"TSIG with a TTL",
       kWithRecord + "00 00fa 00ff 00000001 0011 00 0000000000010000 0000 1234 0000 0000",
       "FORMERR"},
      {"TSIG shorter than its rdata",
       kWithRecord + "00 00fa 00ff 00000000 0012 00 0000000000010000 0000 1234 0000 0000 00",
       "FORMERR"},
      {"TSIG with a MAC beyond its rdata",
       kWithRecord + "00 00fa 00ff 00000000 0011 00 0000000000010000 ffff 1234 0000 0000",
       "FORMERR"},
      {"TSIG with a compressed key",
       kWithRecord + "c00c 00fa 00ff 00000000 0011 00 0000000000010000 0000 1234 0000 0000",
       "NOTAUTH with question"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.what);
    CHECK(verdict(c.packet) == c.verdict);
  }
}

TEST_CASE("parse: pointers go backwards and end (RFC 9267)") {
  // the question stands at 12 (web at 12, x at 16, root at 18), the record's owner at 23
  const struct {
    const char* what;
    const char* owner;
    const char* verdict;
  } cases[] = {
      {"to the question", "c00c", "answer"},
      {"to a part of it", "01 61 c010", "answer"},
      {"to itself", "c017", "FORMERR"},
      {"forwards", "c018", "FORMERR"},
      {"into the header", "c000", "FORMERR"},
      {"just before the question", "c00b", "FORMERR"},
      {"beyond the end", "ffff", "FORMERR"},
      {"cut in two", "c0", "FORMERR"},
      {"a label and back to it", "01 61 c017", "FORMERR"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.what);
    const std::string rest = std::string(c.owner) == "c0" ? "" : " 0001 0001 00000000 0000";
    CHECK(verdict(kWithRecord + c.owner + rest) == c.verdict);
  }
}

TEST_CASE("parse: a name that grows beyond 255 octets through pointers is malformed") {
  std::string long_name;
  for (int i = 0; i < 3; ++i) long_name += "3f" + std::string(126, '6');
  const std::string head =
      kHead + "0001 0000 0000 0001 " + long_name + "3d" + std::string(122, '6') + "00 0001 0001 ";
  CHECK(verdict(head + "c00c 0001 0001 00000000 0000") == "answer");
  CHECK(verdict(head + "01 61 c00c 0001 0001 00000000 0000") == "FORMERR");
}

TEST_CASE("parse: names of 255 octets and 127 labels are read, longer ones are malformed") {
  std::string labels;
  for (int i = 0; i < 127; ++i) labels += "01 61 ";
  CHECK(verdict(kOne + labels + "00 0001 0001") == "answer");
  CHECK(verdict(kOne + labels + "01 61 00 0001 0001") == "FORMERR");
}

TEST_CASE("parse: what a query says") {
  const Octets packet =
      octets("beef 0110 0001 0000 0000 0001 \"WeB.x.\" 001c 0003 00 0029 0200 00008000 0000");
  Query query;
  REQUIRE(parse_query(packet, Transport::Tcp, query).verdict == Verdict::Answer);
  CHECK(query.id == 0xbeef);
  CHECK(query.recursion_desired);
  CHECK(query.checking_disabled);
  CHECK_FALSE(query.authentic_data);
  CHECK(query.transport == Transport::Tcp);
  CHECK(to_text(query.qname) == "WeB.x.");
  CHECK(to_text(query.lower_qname.view()) == "web.x.");
  CHECK(query.label_count == 2);
  CHECK(query.label(0) == "web");
  CHECK(query.label(1) == "x");
  CHECK(query.qtype == RrType::Aaaa);
  CHECK(query.qclass == RrClass::Ch);
  CHECK(query.has_edns);
  CHECK(query.edns.udp_size == 512);
  CHECK(query.edns.dnssec_ok);
  CHECK(query.size == packet.size());
}

TEST_CASE("parse: nothing of one packet is left in the next query") {
  Query query;
  {
    const Octets first = octets(kWithTwo + kOpt + kTsig);
    parse_query(first, Transport::Tcp, query);
  }
  const Octets bad = octets(kOne + "40");
  CHECK(parse_query(bad, Transport::Udp, query).rcode == Rcode::FormErr);
  CHECK_FALSE(query.has_question);
  CHECK_FALSE(query.has_edns);
  CHECK_FALSE(query.has_tsig);
  CHECK(to_text(query.qname) == ".");
  CHECK(query.label_count == 0);
}

TEST_CASE("parse: the SOA of an IXFR says which version its client has (RFC 1995 §3)") {
  const std::string question = "01 78 00 00fb 0001";
  const std::string numbers = "01020304 00000000 00000000 00000000 00000000";
  const std::string soa = "c00c 0006 0001 00000000 0016 00 00" + numbers;
  Query query;
  const auto serial_of = [&](const std::string& text) {
    REQUIRE(parse_query(octets(text), Transport::Tcp, query).verdict == Verdict::Answer);
    return query.has_soa ? query.soa_serial : 0;
  };
  CHECK(serial_of("4242 0100 0001 0000 0001 0000" + question + soa) == 0x01020304);
  CHECK(serial_of("4242 0100 0001 0000 0000 0000" + question) == 0);
  CHECK(serial_of("4242 0100 0001 0000 0000 0001" + question + soa) == 0);
  CHECK(serial_of("4242 0100 0001 0000 0001 0000" + question +
                  "c00c 0006 0001 00000000 0004 01020304") == 0);
}

TEST_CASE("parse: keepalive is looked at over TCP only (RFC 7828)") {
  const std::string empty = kWithRecord + "00 0029 04d0 00000000 0004 000b 0000";
  const std::string value = kWithRecord + "00 0029 04d0 00000000 0006 000b 0002 0064";
  CHECK(verdict(empty, Transport::Tcp) == "answer");
  CHECK(verdict(value, Transport::Tcp) == "FORMERR");
  CHECK(verdict(value, Transport::Udp) == "answer");
}

TEST_CASE("parse: every cut of a good message is refused or dropped, never answered") {
  const Octets whole = octets(
      kWithTwo +
      "01 61 c010 0001 0001 00000000 0004 01020304 00 0029 04d0 00000000 0008 000a 0004 01020304");
  Query query;
  REQUIRE(parse_query(whole, Transport::Udp, query).verdict == Verdict::Answer);
  for (size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const Octets cut(whole.begin(), whole.begin() + static_cast<long>(size));
    const Parsed parsed = parse_query(cut, Transport::Udp, query);
    CHECK(parsed.verdict == (size < 12 ? Verdict::Drop : Verdict::Refuse));
  }
}

}  // namespace
}  // namespace fairlead::dns
