#include "dns/rdata.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "test/unit/dns/asked_upstream.h"

namespace fairlead::dns {
namespace {

TEST_CASE("rdata: rdata is read by its type") {
  const struct {
    const char* type;
    const char* rdata;  // as octets() reads it
    const char* kept;   // the same; "" when the message is malformed
  } rows[] = {
      {"A", "0a000001", "0a000001"},
      {"A", "", ""},
      {"A", "0a00000100", ""},
      {"AAAA", "0a000001", ""},
      {"AAAA", "fd000000000000000000000000000001", "fd000000000000000000000000000001"},
      {"NS", "c00c", "\"web.x.\""},
      {"NS", "0161 c010", "\"a.x.\""},
      {"NS", "", ""},
      {"NS", "c00c 00", ""},
      {"NS", "01", ""},
      {"NS", "c0", ""},
      {"NS", "c023", ""},
      {"NS", "c0ff", ""},
      {"NS", "80", ""},
      {"PTR", "c010", "\"x.\""},
      {"MX", "000a c00c", "000a \"web.x.\""},
      {"MX", "000a", ""},
      {"MX", "00", ""},
      {"AFSDB", "0001 c00c", "0001 \"web.x.\""},
      {"TYPE21", "0001 c00c", "0001 \"web.x.\""},
      {"KX", "0001 c00c", "0001 \"web.x.\""},
      {"SRV", "0001 0002 0003 c00c", "0001 0002 0003 \"web.x.\""},
      {"SRV", "0001 0002 00", ""},
      {"SRV", "0001 0002 0003", ""},
      {"SOA", "c00c c010 00000001 00000002 00000003 00000004 00000005",
       "\"web.x.\" \"x.\" 00000001 00000002 00000003 00000004 00000005"},
      {"SOA", "c00c c010 00000001 00000002 00000003 00000004 000000", ""},
      {"SOA", "c00c c010 00000001 00000002 00000003 00000004 00000005 00", ""},
      {"RP", "c00c c010", "\"web.x.\" \"x.\""},
      {"RP", "c00c", ""},
      {"TYPE14", "c00c c010", "\"web.x.\" \"x.\""},
      {"DNAME", "c010", "\"x.\""},
      {"TXT", "00", "00"},
      {"TXT", "0161 0162", "0161 0162"},
      {"TXT", "", ""},
      {"TXT", "0261", ""},
      {"SPF", "0161 02", ""},
      {"HINFO", "0161 0162", "0161 0162"},
      {"HINFO", "0161", ""},
      {"HINFO", "0161 0162 00", ""},
      {"NAPTR", "0001 0002 0175 00 00 c00c", "0001 0002 0175 00 00 \"web.x.\""},
      {"NAPTR", "0001 0002 0175 00 00", ""},
      {"NAPTR", "0001 0002 0975 00 00 c00c", ""},
      {"DS", "1111 0802 abcd", "1111 0802 abcd"},
      {"DS", "1111 0802", ""},
      {"DNSKEY", "0100 0308 abcd", "0100 0308 abcd"},
      {"DNSKEY", "0100 03", ""},
      {"RRSIG", "0001 0802 0000003c 00000001 00000002 1111 \"x.\" ab",
       "0001 0802 0000003c 00000001 00000002 1111 \"x.\" ab"},
      {"RRSIG", "0001 0802 0000003c 00000001 00000002 1111 \"x.\"", ""},
      {"RRSIG", "0001 0802 0000003c 00000001 00000002 1111 c00c ab", ""},
      {"RRSIG", "0001 0802 0000003c 00000001 00000002 11", ""},
      {"NSEC", "\"z.x.\" 0001 40", "\"z.x.\" 0001 40"},
      {"NSEC", "\"z.x.\"", "\"z.x.\""},
      {"NSEC", "c00c 0001 40", ""},
      {"NSEC", "\"z.x.\" 0000", ""},
      {"NSEC", "\"z.x.\" 0002 40", ""},
      {"NSEC", "\"z.x.\" 0101 40 0001 40", ""},
      {"NSEC", "\"z.x.\" 00", ""},
      {"NSEC3", "0100 0000 00 01ab 0001 40", "0100 0000 00 01ab 0001 40"},
      {"NSEC3", "0100 0000 00 05ab", ""},
      {"NSEC3PARAM", "0100 0000 00", "0100 0000 00"},
      {"NSEC3PARAM", "0100 0000 01", ""},
      {"HTTPS", "0001 00 0001 0003 026832", "0001 00 0001 0003 026832"},
      {"HTTPS", "0001 c00c", ""},
      {"TYPE999", "", ""},
      {"TYPE999", "c00c ffff", "c00c ffff"},
      {"CAA", "00 05 6973737565 61", "00 05 6973737565 61"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.type);
    CAPTURE(row.rdata);
    const bool raw_and_empty = std::string_view(row.type) == "TYPE999" && *row.rdata == '\0';
    UpstreamReply reply = reply_with({"@ 60 " + std::string(row.type) + " #" + row.rdata});
    const RrType type = *rr_type_from_text(row.type);
    reply.qtype = static_cast<uint16_t>(type);
    Asked asked("web.x.", type);
    asked.read(reply.encode());
    const bool malformed = *row.kept == '\0' && !raw_and_empty;
    CHECK(verdict(asked.response) == (malformed ? "malformed: rdata" : "ours"));
    REQUIRE(asked.answer.records().size() == (malformed ? 0U : 1U));
    if (malformed) continue;
    const auto rdata = asked.answer.rdata(asked.answer.records()[0]);
    CHECK(Octets(rdata.begin(), rdata.end()) == octets(row.kept));
    CHECK(asked.rendered().answer.size() == 1);
  }
}

TEST_CASE("rdata: rdata that is not kept is not looked at") {
  Asked asked;
  asked.read(reply_with({"@ 60 A 10.0.0.1", "y. 60 A #0a", "@ 60 NS #c0"}).encode());
  CHECK(verdict(asked.response) == "ours");
  CHECK(asked.lines() == Lines{"web.x. 60 A 10.0.0.1"});
}

}  // namespace
}  // namespace fairlead::dns
