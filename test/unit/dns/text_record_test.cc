#include "dns/text_record.h"

#include <doctest/doctest.h>

#include <string>

#include "dns/record_text.h"

using namespace fairlead::dns;

namespace {

// What was read, as dns/record_text.h writes it, or what is wrong.
std::string read(std::string_view text) {
  TextRecord record;
  std::string wrong = record.read(text);
  if (!wrong.empty()) return wrong;
  return to_text(record.owner()) + " " + std::to_string(record.ttl()) + " " +
         to_text(record.record_class()) + " " + to_text(record.type()) + " " +
         rdata_text(record.type(), record.rdata());
}

std::string rdata(std::string_view text) {
  TextRecord record;
  const std::string wrong = record.read("x " + std::string(text));
  if (!wrong.empty()) return wrong;
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const uint8_t octet : record.rdata()) {
    hex += kDigits[octet >> 4];
    hex += kDigits[octet & 15];
  }
  return hex;
}

struct Row {
  const char* text;
  const char* expected;
};

}  // namespace

TEST_CASE("text record: owner, TTL, class and type") {
  const Row rows[] = {
      {"a.test. 60 IN A 10.0.0.1", "a.test. 60 IN A 10.0.0.1"},
      {"a.test IN 60 A 10.0.0.1", "a.test. 60 IN A 10.0.0.1"},
      {"a.test A 10.0.0.1", "a.test. 3600 IN A 10.0.0.1"},
      {"a.test 1h30m a 10.0.0.1", "a.test. 5400 IN A 10.0.0.1"},
      {"a.test ch 2W TXT b", "a.test. 1209600 CH TXT \"b\""},
      {"a.test CLASS7 TYPE1 10.0.0.1", "a.test. 3600 CLASS7 A 10.0.0.1"},
      {"@ NS @", ". 3600 IN NS ."},
      {"in in a 10.0.0.1", "in. 3600 IN A 10.0.0.1"},
      {"a\\.b\\032c A 10.0.0.1", "a\\.b\\032c. 3600 IN A 10.0.0.1"},
      {"\n ; nothing\n\na A 10.0.0.1 ; why\nb A 10.0.0.2", "a. 3600 IN A 10.0.0.1"},
      {"a ( 60\n IN ) A ( ; why\n10.0.0.1 )\n", "a. 60 IN A 10.0.0.1"},
      {"a\tA\t10.0.0.1\t\r\n", "a. 3600 IN A 10.0.0.1"},
      {"}", "dns: not a TTL: \"}\" at line: 1:1"},
      {"a {} A 1.1.1.1", "dns: not a TTL: \"{}\" at line: 1:5"},
      {"a 60 IN A <no value>", "dns: bad A A: \"<no\" at line: 1:14"},
      {"a 60 x A 1.1.1.1", "dns: expecting RR type or class, not this...: \"x\" at line: 1:7"},
      {"a 60 IN x", "dns: unknown RR type: \"x\" at line: 1:9"},
      {"a IN 60 x", "dns: unknown RR type: \"x\" at line: 1:9"},
      {"a 4294967296 A 1.1.1.1", "dns: not a TTL: \"4294967296\" at line: 1:13"},
      {"a 60 IN", "dns: expecting RR type, TTL or class, not this...: \"\\n\" at line: 1:7"},
      {" A 10.0.0.1", "dns: no owner name: \"A\" at line: 1:3"},
      {"a..b A 10.0.0.1", "dns: bad owner name: \"a..b\" at line: 1:5"},
      {"\"a\" A 10.0.0.1", "dns: syntax error at beginning: \"a\" at line: 1:4"},
      {"", "dns: the text holds no record"},
      {"; only a comment", "dns: the text holds no record"},
      {"$INCLUDE /etc/passwd", "dns: a directive is not allowed: \"$INCLUDE\" at line: 1:9"},
      {"a OPT \\# 0", "dns: no type of a record: \"OPT\" at line: 1:6"},
      {"a ANY A 1.1.1.1", "dns: no class of a record: \"ANY\" at line: 1:6"},
      {"a TYPE0 \\# 0", "dns: no type of a record: \"TYPE0\" at line: 1:8"},
      {"a A )", "dns: extra closing brace: \"extra closing brace\" at line: 1:4"},
      {"a A ( 1.1.1.1", "dns: unbalanced brace: \"unbalanced brace\" at line: 1:5"},
      {"a TXT \"b", "dns: quote is not closed: \"quote is not closed\" at line: 1:7"},
      {"a A 1.1.1.1 2", "dns: garbage after rdata: \"2\" at line: 1:13"},
      {"a A 1.1.1.1\x01", "dns: bad A A: \"1.1.1.1\\x01\" at line: 1:12"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(read(row.text) == row.expected);
  }
  CHECK(read("a TXT " + std::string(70'000, 'x')) == "dns: the text of a record is too long");
}

TEST_CASE("text record: what is written can be read again") {
  for (const char* text : {
           "a. 1 IN AAAA 2001:db8::1",
           "a. 1 IN CNAME b\\.c.d.",
           "a. 1 IN SOA ns.a. root.a. 1 7200 1800 86400 5",
           "a. 1 IN PTR b.",
           "a. 1 IN MX 10 m.",
           "a. 1 IN TXT \"x y\" \"\\\"\\\\\\007\"",
           "a. 1 IN SRV 1 2 5353 s.",
           "a. 1 IN HINFO \"c\" \"o s\"",
           "a. 1 IN NAPTR 1 2 \"s\" \"\" \"!x!y!\" n.",
           "a. 1 IN RP b. c.",
           "a. 1 IN MINFO b. c.",
           "a. 1 IN DNAME b.",
           "a. 1 IN NULL \\# 3 010203",
           "a. 1 IN TYPE777 \\# 0",
           "a. 1 IN LOC \\# 2 0102",
       }) {
    CAPTURE(text);
    CHECK(read(text) == text);
  }
  CHECK(read("a SOA ns root 1 2h 30m 1d 5") == "a. 3600 IN SOA ns. root. 1 7200 1800 86400 5");
  CHECK(read("a TXT b c\\;d \"e\"f") == "a. 3600 IN TXT \"b\" \"c;d\" \"e\" \"f\"");
  const std::string piece(255, 'x');
  CHECK(read("a TXT " + piece + "y") == "a. 3600 IN TXT \"" + piece + "\" \"y\"");
  CHECK(read("a TXT \"\"") == "a. 3600 IN TXT \"\"");
}

TEST_CASE("text record: rdata by type") {
  const Row rows[] = {
      {"CAA 0 issue \"ca.test\"", "0005697373756563612e74657374"},
      {"CAA 0 is-sue x", "000669732d73756578"},
      {"URI 10 1 \"ftp://x\"", "000a00016674703a2f2f78"},
      {"DS 1 2 3 AB cd", "00010203abcd"},
      {"DNSKEY 257 3 8 a2 V5", "010103086b6579"},
      {"CERT 1 2 3 aw==", "00010002036b"},
      {"SSHFP 1 2 ff", "0102ff"},
      {"TLSA 3 1 1 ff", "030101ff"},
      {"NSEC b A NS TYPE300", "0162000001600106000000000008"},
      {"NSEC b", "016200"},
      {"NSEC3 1 0 5 ab 00 A", "0100000501ab0100000140"},
      {"NSEC3PARAM 1 0 5 -", "0100000500"},
      {"RRSIG A 8 2 60 20300101000000 1 5 s aw==", "000108020000003c70dbd8800000000100050173006b"},
      {"HTTPS 0 b", "0000016200"},
      {"HTTPS 1 . alpn=h2,h3 ipv4hint=10.0.0.1,10.0.0.2",
       "00010000010006026832026833000400080a0000010a000002"},
      {"SVCB 1 . port=53 mandatory=alpn alpn=\"a\\\\,b\"",
       "0001000000000200010001000403612c62000300020035"},
      {"HTTPS 1 . no-default-alpn ech=aw== ipv6hint=::1 key667=\"x\\009\"",
       "00010000020000000500016b00060010000000000000000000000000000000010"
       "29b00027809"},
      {"HTTPS 1 . mandatory=key667,port,alpn alpn=h2 port=1 key667=",
       "0001000000000600010003029b00010003026832000300020001029b0000"},
      {"HTTPS 1 . ech=", "00010000050000"},
      {"HTTPS 1 . key65535=x", "000100ffff000178"},
      {"HTTPS 1 . key65536=x", "dns: bad HTTPS Value: \"key65536=x\" at line: 1:22"},
      {"HTTPS 1 . key0=\\000\\003 key1=\\002h2 key3=\\001\\187 key4=\\192\\000\\002\\001",
       "000100000000020003000100030268320003000201bb00040004c0000201"},
      {"A \\# 4 0a 00 0001", "0a000001"},
      {"TXT \\# 2 0161", "0161"},
      {"TXT \\# ab", "0123026162"},
      {"TXT \"\\#\" 2 0161", "012301320430313631"},
      // What is not.
      {"A 010.0.0.1", "dns: bad A A: \"010.0.0.1\" at line: 1:13"},
      {"A ::1", "dns: bad A A: \"::1\" at line: 1:7"},
      {"AAAA 10.0.0.1", "dns: bad AAAA AAAA: \"10.0.0.1\" at line: 1:15"},
      {"A", "dns: bad A A: \"\\n\" at line: 1:3"},
      {"MX 65536 m", "dns: bad MX Pref: \"65536\" at line: 1:11"},
      {"MX 1", "dns: bad MX Mx: \"\\n\" at line: 1:6"},
      {"MX -1 m", "dns: bad MX Pref: \"-1\" at line: 1:8"},
      {"SRV 1 2 x t", "dns: bad SRV Port: \"x\" at line: 1:12"},
      {"CNAME \"b\"", "dns: bad CNAME Target: \"b\" at line: 1:11"},
      {"TXT", "dns: bad TXT Txt: \"\\n\" at line: 1:5"},
      {"TXT a\\256", "dns: bad TXT Txt: \"a\\\\256\" at line: 1:11"},
      {"DS 1 2 3 abc", "dns: bad DS Digest: \"abc\" at line: 1:14"},
      {"DS 1 2 3", "dns: bad DS Digest: \"\\n\" at line: 1:10"},
      {"DNSKEY 257 3 8 a", "dns: bad DNSKEY PublicKey: \"a\" at line: 1:18"},
      {"DNSKEY 257 3 8 aw==aw==", "dns: bad DNSKEY PublicKey: \"aw==aw==\" at line: 1:25"},
      {"CAA 0 is_sue \"x\"", "dns: bad CAA Tag: \"is_sue\" at line: 1:15"},
      {"HTTPS 1 . alpn=", "dns: bad HTTPS Value: \"alpn=\" at line: 1:17"},
      {"HTTPS 1 . foo=1", "dns: bad HTTPS Value: \"foo=1\" at line: 1:17"},
      {"HTTPS 1 . port=1 port=2", "dns: bad HTTPS Value: \"port=2\" at line: 1:25"},
      {"HTTPS 1 . mandatory=mandatory",
       "dns: bad HTTPS Value: \"mandatory=mandatory\" at line: 1:31"},
      {"HTTPS 1 . mandatory=port,port port=1", "dns: bad HTTPS Value: \"port=1\" at line: 1:38"},
      {"HTTPS 1 . key3=443", "dns: bad HTTPS Value: \"key3=443\" at line: 1:20"},
      {"HTTPS 1 . key1=\\003h2", "dns: bad HTTPS Value: \"key1=\\\\003h2\" at line: 1:23"},
      {"HTTPS 1 . key1=\\000", "dns: bad HTTPS Value: \"key1=\\\\000\" at line: 1:21"},
      {"HTTPS 1 . key4=\\000", "dns: bad HTTPS Value: \"key4=\\\\000\" at line: 1:21"},
      {"HTTPS 1 . mandatory=port", "dns: bad HTTPS Value: \"mandatory=port\" at line: 1:26"},
      {"HTTPS 1 . ipv4hint=::1", "dns: bad HTTPS Value: \"ipv4hint=::1\" at line: 1:24"},
      {"RRSIG A 8 2 60 20301301000000 1 5 s aw==",
       "dns: bad RRSIG Expiration: \"20301301000000\" at line: 1:32"},
      {"NXNAME", "dns: no type of a record: \"NXNAME\" at line: 1:8"},
      {"A \\# x", "dns: bad A A: \"\\\\#\" at line: 1:7"},
      {"NULL x", "dns: rdata of type NULL is written as \\# SIZE HEX: \"x\" at line: 1:8"},
      {"A \\# 3 010203", "dns: bad RFC3597 Rdata: \"010203\" at line: 1:15"},
      {"TYPE777 \\# 2 01", "dns: bad RFC3597 Rdata: \"01\" at line: 1:17"},
      {"TYPE777 \\# x", "dns: bad RFC3597 Rdata: \"x\" at line: 1:14"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(rdata(row.text) == row.expected);
  }
}

TEST_CASE("text record: rdata that is read in a way of its own") {
  const Row rows[] = {
      {"HINFO PC", "02504300"},
      {"HINFO \"PC Linux\"", "025043054c696e7578"},
      {"HINFO PC Linux \"6 x\"", "025043094c696e757820362078"},
      {"ISDN 12 3", "0231320133"},
      {"GPOS -32.6 116.8 10", "052d33322e36053131362e38023130"},
      {"PX 1 a b", "0001016100016200"},
      {"KEY 256 3 RSASHA256 aw==", "010003086b"},
      {"DS 1 ed25519 2 ff", "00010f02ff"},
      {"CERT PGP 2 0 aw==", "00030002006b"},
      {"CERT 65535 2 3 aw==", "ffff0002036b"},
      {"RESINFO qnamemin", "08716e616d656d696e"},
      {"UID 1000", "000003e8"},
      {"EUI48 00-00-5e-00-53-2A", "00005e00532a"},
      {"EUI64 00-00-5e-ef-10-00-00-2a", "00005eef1000002a"},
      {"NID 10 0014:4fff:ff20:ee64", "000a00144fffff20ee64"},
      {"L64 10 1:0:a:2001", "000a00010000000a2001"},
      {"L32 10 10.1.2.0", "000a0a010200"},
      {"LOC 42 21 54 N 71 06 18 W -24m 30m", "0033161389172dd070be15f000988d20"},
      {"LOC 42 N 71 W 0", "001216138903210070c3da8000989680"},
      {"LOC 52 22 23.5 n 4 53 32.123 e -100000.00m 90000000m 1m 0.01m",
       "009912108b3cf20c810cbd5b00000000"},
      {"LOC 0 0 0 S 180 0 0 W 42849672.95", "001216138000000059604e00ffffffff"},
      {"LOC 0 0 0. N 0 0 .5 E .5m", "0012161380000000800001f4009896b2"},
      {"APL", ""},
      {"APL 1:192.168.32.0/21 !1:192.168.38.0/28 2:ff00::/8 1:0.0.0.0/0",
       "00011503c0a82000011c83c0a82600020801ff00010000"},
      {"HIP 2 20010010 aw== s. t", "04020001200100106b017300017400"},
      {"AMTRELAY 10 0 1 192.0.2.1", "0a01c0000201"},
      {"AMTRELAY 10 1 3 r", "0a83017200"},
      {"AMTRELAY 0 1 0 .", "0080"},
      {"IPSECKEY 10 1 2 192.0.2.38 aw==", "0a0102c00002266b"},
      {"IPSECKEY 10 2 2 2001:db8::1 a w==", "0a020220010db80000000000000000000000016b"},
      {"IPSECKEY 10 3 2 gw aw==", "0a0302026777006b"},
      {"IPSECKEY 10 0 0 .", "0a0000"},
      {"NXT b A MX SIG NXT", "01620040010082"},
      {"NXT b TYPE127", "01620000000000000000000000000000000001"},
      {"NXT b", "016200"},
      // What is not.
      {"IPSECKEY 10 1 2", "dns: bad IPSECKEY key: \"2\" at line: 1:17"},
      {"IPSECKEY 10 1 2 ::1 aw==", "dns: bad IPSECKEY key: \"aw==\" at line: 1:26"},
      {"IPSECKEY 10 4 2 gw aw==", "dns: bad IPSECKEY key: \"aw==\" at line: 1:25"},
      {"IPSECKEY 10 0 2 gw aw==", "dns: bad IPSECKEY key: \"aw==\" at line: 1:25"},
      {"IPSECKEY 10 1 2 192.0.2.38 a", "dns: bad IPSECKEY key: \"a\" at line: 1:30"},
      {"NXT b CAA", "dns: bad NXT TypeBitMap: \"CAA\" at line: 1:11"},
      {"HINFO", "dns: bad HINFO Fields: \"\\n\" at line: 1:7"},
      {"DS 1 rsa 2 ff", "dns: bad DS Algorithm: \"rsa\" at line: 1:11"},
      {"CERT 65536 2 3 aw==", "dns: bad CERT Type: \"65536\" at line: 1:13"},
      {"EUI48 00-00-5e-00-53", "dns: bad EUI48 Address: \"00-00-5e-00-53\" at line: 1:22"},
      {"EUI48 00:00:5e:00:53:2a", "dns: bad EUI48 Address: \"00:00:5e:00:53:2a\" at line: 1:25"},
      {"NID 10 1:2:3", "dns: bad NID NodeID: \"1:2:3\" at line: 1:14"},
      {"NID 10 1:2:3:4:5", "dns: bad NID NodeID: \"1:2:3:4:5\" at line: 1:18"},
      {"NID 10 1:2:3:00004", "dns: bad NID NodeID: \"1:2:3:00004\" at line: 1:20"},
      {"LOC", "dns: bad LOC location: \"\\n\" at line: 1:5"},
      {"LOC 90 0 0.001 N 0 E 0", "dns: bad LOC location: \"0\" at line: 1:24"},
      {"LOC 0. N 0 E 0", "dns: bad LOC location: \"0\" at line: 1:16"},
      {"LOC 0 0 . N 0 E 0", "dns: bad LOC location: \"0\" at line: 1:19"},
      {"LOC 1 60 N 0 E 0", "dns: bad LOC location: \"0\" at line: 1:18"},
      {"LOC 1 2 3 4 N 0 E 0", "dns: bad LOC location: \"0\" at line: 1:21"},
      {"LOC 1 N 181 E 0", "dns: bad LOC location: \"0\" at line: 1:17"},
      {"LOC N 1 E 0", "dns: bad LOC location: \"0\" at line: 1:13"},
      {"LOC 1 N 1 E", "dns: bad LOC location: \"E\" at line: 1:13"},
      {"LOC 1 N 1 E -100000.01", "dns: bad LOC location: \"-100000.01\" at line: 1:24"},
      {"LOC 1 N 1 E 42849672.96", "dns: bad LOC location: \"42849672.96\" at line: 1:25"},
      {"LOC 1 N 1 E 1 1 1 1 1", "dns: bad LOC location: \"1\" at line: 1:23"},
      {"APL 1:192.0.2.1/33", "dns: bad APL prefix: \"1:192.0.2.1/33\" at line: 1:20"},
      {"APL 3:192.0.2.1/32", "dns: bad APL prefix: \"3:192.0.2.1/32\" at line: 1:20"},
      {"APL 2:192.0.2.1/32", "dns: bad APL prefix: \"2:192.0.2.1/32\" at line: 1:20"},
      {"HIP 2 20010010", "dns: bad HIP identity: \"20010010\" at line: 1:16"},
      {"HIP 2 20010010 a", "dns: bad HIP identity: \"a\" at line: 1:18"},
      {"AMTRELAY 10 0 2 192.0.2.1", "dns: bad AMTRELAY relay: \"192.0.2.1\" at line: 1:27"},
      {"AMTRELAY 10 2 1 192.0.2.1", "dns: bad AMTRELAY relay: \"192.0.2.1\" at line: 1:27"},
      {"AMTRELAY 10 0 0 a", "dns: bad AMTRELAY relay: \"a\" at line: 1:19"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(rdata(row.text) == row.expected);
  }
}

TEST_CASE("text record: classes") {
  CHECK(rr_class_from_text("in") == RrClass::In);
  CHECK(rr_class_from_text("ANY") == RrClass::Any);
  CHECK(rr_class_from_text("class3") == RrClass::Ch);
  CHECK_FALSE(rr_class_from_text("CLASS"));
  CHECK_FALSE(rr_class_from_text("CLASS65536"));
  CHECK_FALSE(rr_class_from_text("INN"));
}
