#include "dns/record_text.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "dns/text_record.h"

using namespace fairlead::dns;

namespace {

std::vector<uint8_t> octets(std::string_view text) {
  return {text.begin(), text.end()};
}

}  // namespace

TEST_CASE("record text: rdata by type") {
  using namespace std::string_view_literals;
  const struct {
    RrType type;
    std::string_view rdata;
    const char* text;
  } rows[] = {
      {RrType::A, "\x0a\x60\x00\x07"sv, "10.96.0.7"},
      {RrType::Aaaa, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"sv, "fd00::1"},
      {RrType::Cname, "\1a\2bc\0"sv, "a.bc."},
      {RrType::Ptr, "\0"sv, "."},
      {RrType::Mx, "\0\x0a\1m\0"sv, "10 m."},
      {RrType::Srv, "\0\1\0\2\x14\xe9\1s\0"sv, "1 2 5353 s."},
      {RrType::Soa, "\1n\0\1h\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"sv, "n. h. 1 2 3 4 5"},
      {RrType::Txt,
       "\5"
       "1.1.0\3"
       "a\"\x07"sv,
       "\"1.1.0\" \"a\\\"\\007\""},
      {RrType::Txt,
       "\xff"
       "ab"sv,
       "\"ab\""},
      {RrType::Hinfo, "\1c\1o"sv, "\"c\" \"o\""},
      {static_cast<RrType>(35), "\0\1\0\2\1s\0\0\1n\0"sv, "1 2 \"s\" \"\" \"\" n."},
      {static_cast<RrType>(14), "\1a\0\1b\0"sv, "a. b."},
      {RrType::Dnskey, "\1\0\3\x08key"sv, "256 3 8 a2V5"},
      {RrType::Dnskey, "\1\0\3\x08ke"sv, "256 3 8 a2U="},
      {RrType::Dnskey, "\1\0\3\x08k"sv, "256 3 8 aw=="},
      {RrType::Ds, "\0\1\x0d\2\xab\xcd"sv, "1 13 2 abcd"},
      {RrType::Rrsig, "\0\1\x0d\3\0\0\0\x3c\x65\x53\xf1\0\0\0\0\0\0\7\1a\0sig"sv,
       "A 13 3 60 20231114221320 19700101000000 7 a. c2ln"},
      {RrType::Nsec, "\1a\0\0\6\x62\1\0\0\0\x03"sv, "a. A NS SOA MX RRSIG NSEC"},
      {RrType::Nsec, "\0"sv, "."},
      {RrType::Nsec3, "\1\0\0\x0c\0\2\xff\xff"sv, "1 0 12 - vvvg"},
      {static_cast<RrType>(257), "\0\5issueca"sv, "0 issue \"ca\""},
      {static_cast<RrType>(257), "\0\1 ca"sv, "\\# 5 0001206361"},
      {RrType::Https, "\0\1\0"sv, "\\# 3 000100"},
      {static_cast<RrType>(777), ""sv, "\\# 0"},
      // What is not what its type says.
      {RrType::A, "\x0a"sv, "\\# 1 0a"},
      {RrType::Txt, ""sv, "\\# 0"},
      {RrType::Cname, "\1a"sv, "\\# 2 0161"},
      {RrType::Cname, "\1a\0x"sv, "\\# 4 01610078"},
      {RrType::Srv, "\0"sv, "\\# 1 00"},
      {RrType::Cname, ""sv, "\\# 0"},
      {RrType::Hinfo, "\1c\2o"sv, "\\# 4 0163026f"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(rdata_text(row.type, octets(row.rdata)) == row.text);
  }
}

TEST_CASE("record text: a whole record") {
  Answer answer;
  const Name qname = *Name::from_text("Web.shop.");
  answer.add_address(Section::Answer, kQname, 30, *IpAddress::from_text("10.96.0.7"));
  answer.add_name_record(RrType::Cname, Section::Answer, answer.add_name(Name().view()), 5,
                         answer.add_name(Name::from_text("x\\.y.z.")->view()));
  CHECK(to_text(answer, answer.records()[0], qname.view()) == "Web.shop. 30 IN A 10.96.0.7");
  CHECK(to_text(answer, answer.records()[1], qname.view()) == ". 5 IN CNAME x\\.y.z.");
}

TEST_CASE("record text: a line of a zone file is read as the record that it was made of") {
  const auto line = [](const char* owner, RrType type, std::string_view rdata) {
    std::string out;
    append_zone_line(Name::from_text(owner)->view(), type, 60, octets(rdata), out);
    return out;
  };
  using namespace std::string_view_literals;
  CHECK(line("www.x.", RrType::A, "\x0a\0\0\1"sv) == "www.x. 60 IN A 10.0.0.1\n");
  CHECK(line("a\\;b.\\(c\\).x.", RrType::Ptr, "\2;@\0"sv) ==
        "a\\;b.\\(c\\).x. 60 IN PTR \\;\\@.\n");
  CHECK(line("\\$ttl.x.", RrType::Mx, "\0\1\1$\0"sv) == "\\$ttl.x. 60 IN MX 1 \\$.\n");
  TextRecord record;
  for (unsigned octet = 0; octet < 256; ++octet) {
    const std::string label{1, static_cast<char>(octet)};
    Name name;
    REQUIRE(name.prepend(label));
    std::string text;
    append_zone_line(name.view(), RrType::Cname, 60, name.view(), text);
    CAPTURE(text);
    REQUIRE(record.read(text) == "");
    CHECK(Name(record.owner()) == name);
    CHECK(Name(record.rdata()) == name);
  }
}
