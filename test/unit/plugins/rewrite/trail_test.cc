#include "plugins/rewrite/trail.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "dns/name.h"

using namespace fairlead;
using namespace fairlead::plugins::rewrite;

TEST_CASE("rewrite: what a question leaves behind is read again") {
  const dns::Name asked = *dns::Name::from_text("WWW.Test");
  const dns::Name now = *dns::Name::from_text("b.example");
  const std::vector<uint8_t> options{0, 1, 0, 1, 9};
  const Trail trail{.qname = asked.view(),
                    .qtype = dns::RrType::Aaaa,
                    .qclass = static_cast<dns::RrClass>(3),
                    .renamed = true,
                    .options = options,
                    .fired = {{70'000, {}, {}}, {2, asked.view(), now.view()}}};
  std::vector<uint8_t> octets;
  write(trail, octets);
  octets.push_back(7);  // somebody else's
  const Trail read = read_trail(octets);
  CHECK(std::ranges::equal(read.qname, trail.qname));
  CHECK(read.qtype == trail.qtype);
  CHECK(read.qclass == trail.qclass);
  CHECK(read.renamed);
  CHECK(std::ranges::equal(read.options, options));
  REQUIRE(read.fired.size() == 2);
  CHECK(read.fired[0].rule == 70'000);
  CHECK(read.fired[0].before.empty());
  CHECK(read.fired[1].rule == 2);
  CHECK(std::ranges::equal(read.fired[1].before, asked.view()));
  CHECK(std::ranges::equal(read.fired[1].after, now.view()));
}
