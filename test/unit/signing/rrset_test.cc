// What is signed is checked by ldns, which is not ours.
#include "signing/rrset.h"

#include <doctest/doctest.h>
#include <ldns/ldns.h>

#include <string>
#include <vector>

#include "dns/text_record.h"
#include "signing/zone_key.h"
#include "test/unit/support/zone_keys.h"

using namespace fairlead;
using signing::Rrset;
using signing::ZoneKey;

namespace {

using Octets = std::vector<uint8_t>;

std::shared_ptr<const ZoneKey> key_of(const test::KeyTexts& texts) {
  std::string error;
  auto key = ZoneKey::read(texts.public_text, texts.private_text, error);
  REQUIRE(error.empty());
  return key;
}

dns::TextRecord record_of(const std::string& text) {
  dns::TextRecord record;
  REQUIRE(record.read(text).empty());
  return record;
}

ldns_rr* for_ldns(dns::NameView owner, dns::RrType type, uint32_t ttl,
                  std::span<const uint8_t> rdata) {
  Octets wire(owner.begin(), owner.end());
  const auto number = static_cast<uint16_t>(type);
  for (const size_t value :
       {size_t{number}, size_t{1}, size_t{ttl >> 16}, size_t{ttl & 0xffff}, rdata.size()}) {
    wire.push_back(static_cast<uint8_t>(value >> 8));
    wire.push_back(static_cast<uint8_t>(value));
  }
  wire.insert(wire.end(), rdata.begin(), rdata.end());
  ldns_rr* rr = nullptr;
  size_t at = 0;
  REQUIRE(ldns_wire2rr(&rr, wire.data(), wire.size(), &at, LDNS_SECTION_ANSWER) == LDNS_STATUS_OK);
  return rr;
}

// The records as they are, signed by the key, in ldns's judgement.
std::string judge(const ZoneKey& key, const std::vector<std::string>& texts, uint32_t now) {
  ldns_rr_list* const records = ldns_rr_list_new();
  Rrset rrset;
  dns::TextRecord first = record_of(texts[0]);
  rrset.begin(first.owner(), first.type());
  for (const std::string& text : texts) {
    const dns::TextRecord record = record_of(text);
    rrset.add(record.rdata());
    ldns_rr_list_push_rr(records,
                         for_ldns(record.owner(), record.type(), record.ttl(), record.rdata()));
  }
  rrset.finish();
  Octets rdata;
  REQUIRE(rrset.sign(key, key.owner().view(), first.ttl(), {1'700'000'000, 1'700'100'000}, rdata));
  ldns_rr* const rrsig = for_ldns(first.owner(), dns::RrType::Rrsig, first.ttl(), rdata);
  ldns_rr_list* const keys = ldns_rr_list_new();
  ldns_rr_list_push_rr(keys, for_ldns(key.owner().view(), dns::RrType::Dnskey, 3600, key.rdata()));
  const ldns_status status = ldns_verify_rrsig_keylist_time(records, rrsig, keys, now, nullptr);
  ldns_rr_list_deep_free(records);
  ldns_rr_list_deep_free(keys);
  ldns_rr_free(rrsig);
  return ldns_get_errorstr_by_id(status);
}

constexpr uint32_t kNow = 1'700'050'000;
const std::string kGood = "All OK";

}  // namespace

TEST_CASE("rrset: every algorithm's signature is good, at its time and of its data only") {
  for (const test::KeyTexts* texts : {&test::kP256, &test::kP384, &test::kEd25519, &test::kRsaSha1,
                                      &test::kRsaSha256, &test::kRsaSha512, &test::kP256Zone}) {
    const auto key = key_of(*texts);
    CAPTURE(int{key->algorithm()});
    CHECK(judge(*key, {"a.example.org. 60 A 10.0.0.1"}, kNow) == kGood);
    CHECK(judge(*key, {"a.example.org. 60 A 10.0.0.1"}, 1'700'200'000) ==
          "DNSSEC signature has expired");
    CHECK(judge(*key, {"a.example.org. 60 A 10.0.0.1"}, 1'600'000'000) ==
          "DNSSEC signature not incepted yet");
  }
}

TEST_CASE("rrset: records in any order and case, and of types with names") {
  const auto key = key_of(test::kP256);
  const std::vector<std::string> cases[] = {
      {"a.example.org. 60 A 10.0.0.2", "a.example.org. 60 A 10.0.0.1",
       "a.example.org. 60 A 1.2.3.4"},
      {"A.eXample.org. 60 AAAA 2001:db8::1"},
      {"a.example.org. 60 TXT \"long and short\"", "a.example.org. 60 TXT \"Z\"",
       "a.example.org. 60 TXT \"\""},
      {"example.org. 60 MX 10 Mail.Example.org.", "example.org. 60 MX 5 b.example.org."},
      {"example.org. 60 NS NS.Example.org.", "example.org. 60 NS a.Example.org."},
      {"example.org. 60 SOA Ns.Example.org. Me.Example.org. 1 2 3 4 5"},
      {"_a._tcp.example.org. 60 SRV 1 2 3 Host.Example.org."},
      {"a.example.org. 60 NAPTR 1 2 \"s\" \"sip\" \"\" N.Example.org."},
      {"a.example.org. 60 CNAME Other.Example.net."},
      {"a.example.org. 60 KX 1 Other.Example.net."},
      {"a.example.org. 60 HTTPS 1 Svc.Example.net. alpn=h2"},
      {"a.example.org. 60 NSEC \\000.A.example.org. A RRSIG NSEC TYPE128"},
      {"*.example.org. 60 A 10.0.0.9"},
      {"x.*.example.org. 60 A 10.0.0.9"},
  };
  for (const auto& records : cases) {
    CAPTURE(records[0]);
    CHECK(judge(*key, records, kNow) == kGood);
  }
}

TEST_CASE("rrset: equal records count once, the TTL is no part of the hash") {
  const dns::HashKey seed{1, 2};
  const auto hash = [&](const std::vector<std::string>& texts) {
    Rrset rrset;
    rrset.begin(record_of(texts[0]).owner(), record_of(texts[0]).type());
    for (const std::string& text : texts) rrset.add(record_of(text).rdata());
    rrset.finish();
    return rrset.hash(seed);
  };
  const uint64_t one = hash({"a. 1 A 10.0.0.1"});
  CHECK(hash({"A. 2 A 10.0.0.1", "a. 3 A 10.0.0.1"}) == one);
  CHECK(hash({"a. 1 A 10.0.0.2"}) != one);
  CHECK(hash({"b. 1 A 10.0.0.1"}) != one);
  CHECK(hash({"a. 1 TYPE4711 \\# 4 0a000001"}) != one);
}
