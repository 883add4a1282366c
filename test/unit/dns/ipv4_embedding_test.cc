#include "dns/ipv4_embedding.h"

#include <doctest/doctest.h>

#include <string>

using namespace fairlead::dns;

namespace {

IpAddress ip(const std::string& text) {
  return *IpAddress::from_text(text);
}

Ipv4Embedding prefix(const std::string& text, int bits) {
  return {ip(text).octets(), bits};
}

}  // namespace

// RFC 6052 §2.4.
TEST_CASE("ipv4 embedding: every length, there and back") {
  const struct {
    const char* prefix;
    int bits;
    const char* address;
  } rows[] = {
      {"2001:db8::", 32, "2001:db8:c000:221::"},
      {"2001:db8:100::", 40, "2001:db8:1c0:2:21::"},
      {"2001:db8:122::", 48, "2001:db8:122:c000:2:2100::"},
      {"2001:db8:122:300::", 56, "2001:db8:122:3c0:0:221::"},
      {"2001:db8:122:344::", 64, "2001:db8:122:344:c0:2:2100:0"},
      {"2001:db8:122:344::", 96, "2001:db8:122:344::c000:221"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.bits);
    const Ipv4Embedding embedding = prefix(row.prefix, row.bits);
    CHECK(embedding.embed(ip("192.0.2.33")).to_text() == ip(row.address).to_text());
    CHECK(embedding.extract(ip(row.address)) == ip("192.0.2.33"));
    CHECK(embedding.to_text() == ip(row.prefix).to_text() + "/" + std::to_string(row.bits));
  }
}

TEST_CASE("ipv4 embedding: lengths") {
  for (int bits = 0; bits <= 128; ++bits) {
    const bool good =
        bits == 32 || bits == 40 || bits == 48 || bits == 56 || bits == 64 || bits == 96;
    CHECK(Ipv4Embedding::is_length(bits) == good);
  }
}

TEST_CASE("ipv4 embedding: what is no such address") {
  const Ipv4Embedding well_known;
  CHECK(well_known.to_text() == "64:ff9b::/96");
  CHECK(well_known.extract(ip("64:ff9b::1.2.3.4")) == ip("1.2.3.4"));
  CHECK_FALSE(well_known.extract(ip("64:ff9b:1::1.2.3.4")));
  CHECK_FALSE(well_known.extract(ip("1.2.3.4")));
  const Ipv4Embedding of_48 = prefix("2001:db8:122::", 48);
  CHECK_FALSE(of_48.extract(ip("2001:db8:122:c000:102:2100::")));  // octet 8
  CHECK(of_48.extract(ip("2001:db8:122:c000:2:2100:0:1")) == ip("192.0.2.33"));
  CHECK(prefix("2001:db8:1:2:300::", 96).extract(ip("2001:db8:1:2:300::1.2.3.4")) == ip("1.2.3.4"));
}
