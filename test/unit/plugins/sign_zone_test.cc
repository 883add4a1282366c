#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dns/name_text.h"
#include "dns/record_text.h"
#include "dns/text_record.h"
#include "plugins/sign/zone_signing.h"
#include "records/master_file.h"
#include "records/zone_builder.h"
#include "signing/zone_key.h"
#include "test/unit/support/zone_keys.h"

namespace fairlead::plugins::sign {
namespace {

const dns::Name kOrigin = *dns::Name::from_text("example.org");

std::shared_ptr<const records::Zone> read(const std::string& text) {
  records::ZoneBuilder builder(kOrigin);
  std::string refused;
  const std::string path = "db";
  const std::string wrong = records::read_master_file(
      {path, text}, kOrigin, [](const std::string&, std::string&) { return "no such file"; },
      {[&](const dns::TextRecord& record) {
        refused += builder.add(record.owner(), record.type(), record.ttl(), record.rdata());
      }});
  CHECK(wrong == "");
  CHECK(refused == "");
  REQUIRE(builder.has_soa());
  return builder.finish();
}

std::string signed_text(std::shared_ptr<const records::Zone> zone) {
  std::string error;
  const auto key =
      signing::ZoneKey::read(test::kEd25519.public_text, test::kEd25519.private_text, error);
  REQUIRE(key);
  constexpr size_t kAll = 1000;
  ZoneSigning signing(std::move(zone), {key}, {.now = 1, .validity = {1, 2}});
  REQUIRE(signing.work(kAll));
  REQUIRE(signing.error() == "");
  return signing.text();
}

// Owners, and the rdata behind each.
using Said = std::vector<std::pair<std::string, std::string>>;

Said records_of(const records::Zone& zone, dns::RrType type) {
  Said all;
  for (const auto& node : zone.nodes()) {
    for (const records::ZoneRecord record : zone.records(node)) {
      if (record.type != type) continue;
      std::string owner;
      dns::append_word(zone.name(node), owner);
      all.emplace_back(owner, dns::rdata_text(type, record.rdata));
    }
  }
  return all;
}

}  // namespace

TEST_CASE(
    "sign: the signed file says every name and string of the zone, whatever octets they have") {
  const auto zone = read(R"(@ 300 SOA ns h\;ost.master 1 2 3 4 5
@ 300 NS ns
\$include 60 A 192.0.2.1
a\;b 60 A 192.0.2.2
\(c 60 A 192.0.2.3
d\) 60 A 192.0.2.4
\"e 60 A 192.0.2.5
\@ 60 A 192.0.2.6
f\.g 60 A 192.0.2.7
h\032\009\010\000\255 60 A 192.0.2.8
i\\ 60 A 192.0.2.9
to 60 CNAME a\;b
mail 60 MX 10 \(c\;d\)
text 60 TXT "a;b (c" "\"\\\000"
naptr 60 NAPTR 1 2 "s" "(;" "\"" \;
sub 60 NS ns\;.sub
ns\;.sub 60 A 192.0.2.10
)");
  const auto again = read(signed_text(zone));
  using enum dns::RrType;
  for (const dns::RrType type : {Ns, A, Cname, Mx, Txt, dns::RrType{35}}) {
    CAPTURE(dns::to_text(type));
    const Said before = records_of(*zone, type);
    CHECK_FALSE(before.empty());
    CHECK(records_of(*again, type) == before);
  }
  // Each name that is the zone's own has an NSEC record, and they make a ring.
  const Said ring = records_of(*again, Nsec);
  CHECK(ring.size() == 15);
  for (size_t i = 0; i < ring.size(); ++i)
    CHECK(ring[i].second.starts_with(ring[(i + 1) % ring.size()].first + " "));
}

}  // namespace fairlead::plugins::sign
