#include "signing/signature_cache.h"

#include <doctest/doctest.h>

using namespace fairlead;
using signing::SignatureCache;
using signing::Signatures;

TEST_CASE("signature cache: good while the TTL counts down and the signature holds") {
  SignatureCache cache(100);
  Signatures found;
  CHECK(!cache.find(7, 60, 1000, found));
  cache.keep(7, {60, 2000, {1, 2, 3}});
  REQUIRE(cache.find(7, 60, 1000, found));
  CHECK(found.records == std::vector<uint8_t>{1, 2, 3});
  CHECK(cache.find(7, 1, 2000, found));
  CHECK(!cache.find(7, 61, 1000, found));
  CHECK(!cache.find(7, 60, 2001, found));
  cache.keep(7, {300, 5000, {4}});
  CHECK(cache.find(7, 61, 2001, found));
  CHECK(found.ttl == 300);
  CHECK(cache.size() == 1);
}

TEST_CASE("signature cache: times go round (RFC 4034 §3.1.5)") {
  SignatureCache cache(1);
  Signatures found;
  cache.keep(7, {60, 100, {}});
  CHECK(cache.find(7, 60, UINT32_MAX - 100, found));
}

TEST_CASE("signature cache: bounded; what is asked for again stays") {
  for (const size_t capacity : {0, 1, 5, 16, 100}) {
    CAPTURE(capacity);
    SignatureCache cache(capacity);
    Signatures found;
    cache.keep(0, {60, 2000, {}});
    for (uint64_t hash = 1; hash < 1000; ++hash) {
      const bool hot = cache.find(0, 60, 1000, found);
      CHECK((hot || capacity < 32));
      cache.keep(hash, {60, 2000, {}});
      CHECK(cache.size() <= capacity);
    }
    CHECK(cache.size() == capacity / 16 * 16 + (capacity < 16 ? capacity : 0));
  }
}
