#include "signing/zone_key.h"

#include <doctest/doctest.h>

#include <string>

#include "test/unit/support/zone_keys.h"

using namespace fairlead;
using signing::ZoneKey;

namespace {

std::string error_of(const std::string& public_text, const std::string& private_text) {
  std::string error;
  const auto key = ZoneKey::read(public_text, private_text, error);
  CHECK((key == nullptr) == !error.empty());
  return error;
}

std::string public_text(const std::string& numbers) {
  return "example.org. IN DNSKEY " + numbers + " c8E/Eu89uDYQ6FmTKUdoFJehIAh9qhouKOf9hxQ7CA6uq068";
}

}  // namespace

TEST_CASE("zone key: what the two files say") {
  std::string error;
  const auto key = ZoneKey::read(test::kP256.public_text, test::kP256.private_text, error);
  REQUIRE(key != nullptr);
  CHECK(dns::to_text(key->owner().view()) == "example.org.");
  CHECK(key->flags() == 257);
  CHECK(key->algorithm() == 13);
  CHECK(key->tag() == 46647);
  CHECK(key->ttl() == 3600);
  CHECK(key->is_entry_point());
  const auto zone = ZoneKey::read(test::kP256Zone.public_text, test::kP256Zone.private_text, error);
  REQUIRE(zone != nullptr);
  CHECK(zone->ttl() == 300);
  CHECK(!zone->is_entry_point());
}

TEST_CASE("zone key: mistakes") {
  const std::string& good = test::kP256.public_text;
  const std::string& secret = test::kP256.private_text;
  CHECK(error_of("", secret) == "no public key found");
  CHECK(error_of("; nothing", secret) == "no public key found");
  CHECK(error_of("example.org. A 10.0.0.1", secret) == "no public key found");
  CHECK(error_of("example.org. DNSKEY 257", secret) == "no public key found");
  CHECK(error_of("example.org. CH DNSKEY 257 3 13 AAAA", secret) == "no public key found");
  CHECK(error_of(public_text("1 3 13"), secret) == "the key is not one of a zone");
  CHECK(error_of(public_text("257 2 13"), secret) == "the key is not one of a zone");
  CHECK(error_of(public_text("257 3 12"), secret) ==
        "keys of algorithm 12 are not signed with: they are to be of algorithm 5, 7, 8, 10, 13, 14 "
        "or 15");
  CHECK(error_of(good, "") == "no private key found");
  CHECK(error_of(good, " \n") == "no private key found");
  CHECK(error_of(good, "Private-key-format: v1.3\n") == "bad private key");
  CHECK(error_of(good, secret.substr(0, secret.size() / 4)) == "bad private key");
  CHECK(error_of(good, test::kP384.private_text) ==
        "the private key is not that of the public key");
  CHECK(error_of(good, test::kP256Net.private_text) ==
        "the private key is not that of the public key");
}
