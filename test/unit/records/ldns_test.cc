// The same text read by ldns, which is not ours: the same octets.
#include <doctest/doctest.h>
#include <ldns/ldns.h>

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "dns/name_text.h"
#include "dns/text_record.h"

using namespace fairlead;

namespace {

std::string hex(std::span<const uint8_t> octets) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t octet : octets) {
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

// TTL, owner and rdata, or "wrong".
std::string by_ldns(const std::string& text) {
  ldns_rdf* origin = ldns_dname_new_frm_str("x.test.");
  ldns_rr* rr = nullptr;
  std::string said = "wrong";
  if (ldns_rr_new_frm_str(&rr, text.c_str(), 3600, origin, nullptr) == LDNS_STATUS_OK) {
    uint8_t* wire = nullptr;
    size_t size = 0;
    const size_t owner = ldns_rdf_size(ldns_rr_owner(rr));
    if (ldns_rr2wire(&wire, rr, LDNS_SECTION_ANSWER, &size) == LDNS_STATUS_OK) {
      const std::span<const uint8_t> all(wire, size);
      said = std::to_string(ldns_rr_ttl(rr)) + " " + hex(all.first(owner)) + " " +
             hex(all.subspan(owner + 10));
    }
    std::free(wire);
    ldns_rr_free(rr);
  }
  ldns_rdf_deep_free(origin);
  return said;
}

std::string by_us(const std::string& text) {
  const dns::Name origin = *dns::Name::from_text("x.test");
  dns::TextRecord record;
  dns::RecordWords words(text);
  const std::string wrong =
      record.read(words, {.origin = origin.view(), .owner = nullptr, .ttl = 3600});
  if (!wrong.empty()) return "wrong";
  return std::to_string(record.ttl()) + " " + hex(record.owner()) + " " + hex(record.rdata());
}

}  // namespace

TEST_CASE("master file: ldns reads records alike") {
  for (const char* text : {
           "a 60 IN A 192.0.2.1",
           "a.b.other. 60 IN A 192.0.2.1",
           "@ NS @",
           "a 1h30m AAAA 2001:db8::1",
           "a\\.b\\032c CNAME d\\.",
           "@ SOA ns root 2026010102 2h 30m 2w 300",
           "a MX 10 mail",
           "a TXT \"one two\" three \"\\\"\\007\"",
           "_sip._tcp SRV 1 2 5060 Web",
           "a HINFO cpu \"o s\"",
           "a NAPTR 1 2 \"s\" \"sip\" \"!x!y!\" n",
           "a RP b c",
           "a DNAME b",
           "a CAA 0 issue \"ca.test\"",
           "a DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
           "a DNSKEY 257 3 8 AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3",
           "a RRSIG A 13 3 300 20300101000000 20250101000000 1 @ YQ==",
           "a NSEC b A MX RRSIG NSEC TYPE1234",
           "a NSEC3 1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG",
           "a NSEC3PARAM 1 0 12 aabbccdd",
           "a SSHFP 2 1 123456789abcdef67890123456789abcdef67890",
           "a TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
           "a HTTPS 1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2",
           "a SVCB 0 b",
           "a URI 10 1 \"ftp://x\"",
           "a TYPE731 \\# 3 abcdef",
           "a TYPE731 \\# 0",
           "a PTR Host",
           "a AFSDB 1 b",
           "a KX 1 b",
           "a A 1.2.3",
           "a A",
           "a AAAA 192.0.2.1",
           "a MX mail",
           "a DS 1 2 3",
           "a TYPE731 \\# 3 abcd",
           "a..b A 192.0.2.1",
           "a 60 IN NOTYPE x",
       }) {
    CAPTURE(text);
    CHECK(by_us(text) == by_ldns(text));
  }
}
