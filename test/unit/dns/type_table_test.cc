#include "dns/type_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dns/parse.h"
#include "dns/render.h"
#include "test/unit/dns/octets.h"

namespace fairlead::dns {
namespace {

TEST_CASE("type table: in order of numbers, each mnemonic once") {
  CHECK(std::ranges::is_sorted(kTypes, {}, &TypeInfo::number));
  for (size_t i = 0; i < kTypes.size(); ++i) {
    CAPTURE(kTypes[i].mnemonic);
    CHECK(std::ranges::count(kTypes, kTypes[i].number, &TypeInfo::number) == 1);
    CHECK(std::ranges::count(kTypes, kTypes[i].mnemonic, &TypeInfo::mnemonic) == 1);
    CHECK(find_type(static_cast<RrType>(kTypes[i].number)) == &kTypes[i]);
  }
  for (const uint16_t number : {0, 11, 40, 127, 129, 248, 259, 262, 32767, 32770, 65535}) {
    CAPTURE(number);
    CHECK(find_type(static_cast<RrType>(number)) == nullptr);
  }
}

TEST_CASE("type table: mnemonics and numbers as IANA has them") {
  const struct {
    const char* mnemonics;  // from `first` on, one after the other
    uint16_t first;
  } rows[] = {
      {"A NS MD MF CNAME SOA MB MG MR NULL", 1},
      {"PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT", 12},
      {"NSAP-PTR SIG KEY PX GPOS AAAA LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT", 23},
      {"DNAME", 39},
      {"OPT APL DS SSHFP IPSECKEY RRSIG NSEC DNSKEY DHCID NSEC3 NSEC3PARAM TLSA SMIMEA", 41},
      {"HIP NINFO RKEY TALINK CDS CDNSKEY OPENPGPKEY CSYNC ZONEMD SVCB HTTPS", 55},
      {"SPF UINFO UID GID UNSPEC NID L32 L64 LP EUI48 EUI64", 99},
      {"NXNAME", 128},
      {"TKEY TSIG IXFR AXFR MAILB MAILA ANY URI CAA AVC", 249},
      {"AMTRELAY RESINFO", 260},
      {"TA DLV", 32768},
  };
  size_t known = 0;
  for (const auto& row : rows) {
    std::string words = std::string(row.mnemonics) + " ";
    for (uint16_t number = row.first; !words.empty(); ++number, ++known) {
      const std::string word = words.substr(0, words.find(' '));
      words.erase(0, word.size() + 1);
      CAPTURE(word);
      CHECK(to_text(static_cast<RrType>(number)) == word);
      CHECK(rr_type_from_text(word) == static_cast<RrType>(number));
      CHECK(rr_type_from_text("type" + std::to_string(number)) == static_cast<RrType>(number));
    }
  }
  CHECK(known == kTypes.size());
}

TEST_CASE("type table: how large a field is") {
  const struct {
    RdataField field;
    const char* rdata;
    size_t size;
  } rows[] = {
      {RdataField::U8, "", 0},
      {RdataField::U8, "0102", 1},
      {RdataField::U16, "01", 0},
      {RdataField::U32, "01020304", 4},
      {RdataField::Address4, "010203", 0},
      {RdataField::Address6, "0102030405060708090a0b0c0d0e0f1011", 16},
      {RdataField::CompressibleName, "\"a.b.\" 01", 5},
      {RdataField::WholeName, "00", 1},
      {RdataField::PlainName, "0161", 0},
      {RdataField::PlainName, "c000", 0},
      {RdataField::PlainName, "0261", 0},
      {RdataField::String, "", 0},
      {RdataField::String, "00", 1},
      {RdataField::String, "0261", 0},
      {RdataField::Strings, "0161 0162", 4},
      {RdataField::Opaque, "0161 0162", 4},
  };
  for (const auto& row : rows) {
    CAPTURE(static_cast<int>(row.field));
    CAPTURE(row.rdata);
    CHECK(field_size(row.field, octets(row.rdata)) == row.size);
  }
  Octets name(254, 1);  // 127 labels
  name.push_back(0);
  CHECK(plain_name_size(name) == 255);
  name.insert(name.begin(), {1, 1});
  CHECK(plain_name_size(name) == 0);
}

TEST_CASE("render: a type's names are compressed as RFC 3597 §4 allows, and rdata stays rdata") {
  const struct {
    const char* type;
    const char* rdata;
    const char* sent;  // octets of it in the reply; the question's name stands at 12
  } rows[] = {
      {"NS", "\"x.\"", "c010"},
      {"MB", "\"web.x.\"", "c00c"},
      {"MINFO", "\"web.x.\" \"a.x.\"", "c00c 0161 c010"},
      {"MX", "000a \"web.x.\"", "000a c00c"},
      {"SOA", "\"x.\" \"h.x.\" 01020304 05060708 090a0b0c 0d0e0f10 11121314",
       "c010 0168 c010 01020304 05060708 090a0b0c 0d0e0f10 11121314"},
      {"SRV", "0001 0002 0003 \"web.x.\"", "0001 0002 0003 \"web.x.\""},
      {"DNAME", "\"x.\"", "\"x.\""},
      {"RP", "\"x.\" \"x.\"", "\"x.\" \"x.\""},
      {"NAPTR", "0001 0002 0161 00 00 \"x.\"", "0001 0002 0161 00 00 \"x.\""},
      {"NSEC", "\"x.\" 0001 40", "\"x.\" 0001 40"},
      {"TYPE999", "\"x.\"", "\"x.\""},
      // Not what its type says.
      {"NS", "", ""},
      {"NS", "0161", "0161"},
      {"NS", "c00c", "c00c"},
      {"MX", "00", "00"},
      {"SOA", "\"x.\" 0161", "c010 0161"},
      {"SRV", "0001 0002 0003", "0001 0002 0003"},
      {"NAPTR", "0001 0002 ff 00", "0001 0002 ff 00"},
  };
  const Octets packet = octets("1234 0000 0001 0000 0000 0000 \"web.x.\" 00ff 0001");
  Query query;
  REQUIRE(parse_query(packet, Transport::Tcp, query).verdict == Verdict::Answer);
  for (const auto& row : rows) {
    CAPTURE(row.type);
    CAPTURE(row.rdata);
    Answer answer;
    answer.add_raw(Section::Answer, kQname, *rr_type_from_text(row.type), 5, octets(row.rdata));
    Octets out(512);
    out.resize(render(query, answer, out));
    const Octets sent = octets(row.sent);
    const size_t head = packet.size() + 12;
    REQUIRE(out.size() == head + sent.size());
    CHECK(out[head - 1] == sent.size());
    CHECK(std::equal(sent.begin(), sent.end(), out.begin() + static_cast<long>(head)));
  }
}

}  // namespace
}  // namespace fairlead::dns
