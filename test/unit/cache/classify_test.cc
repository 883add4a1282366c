#include "cache/classify.h"

#include "test/unit/cache/support.h"

namespace fairlead::cache {
namespace {

using dns::Rcode;

struct Case {
  const char* what;
  const char* type;
  Upstream upstream;
  Category category;
};

Upstream truncated() {
  Upstream result = one_address();
  result.answer.truncated = true;
  return result;
}

TEST_CASE("classify: what a reply is") {
  const Case cases[] = {
      {"an address", "A", one_address(), Category::Success},
      {"a chain", "A", Upstream().cname("", 9, "b.example").address("b.example", 9, "1.2.3.4"),
       Category::Success},
      {"a CNAME that was asked", "CNAME", Upstream().cname("", 9, "b.example"), Category::Success},
      {"anything for ANY", "ANY", Upstream().cname("", 9, "b.example"), Category::Success},
      {"a chain that ends in nothing", "A", Upstream().cname("", 9, "b.example"), Category::Other},
      {"a chain that ends in NODATA", "A",
       Upstream().cname("", 9, "b.example").soa("example", 9, 9), Category::NoData},
      {"NODATA", "A", nodata(), Category::NoData},
      {"nothing at all", "A", Upstream(), Category::Other},
      {"a referral", "A", Upstream().ns("example", 9, "ns.example"), Category::Delegation},
      {"NODATA with NS", "A", nodata().ns("example", 9, "ns.example"), Category::NoData},
      {"NXDOMAIN", "A", gone(), Category::NameGone},
      {"NXDOMAIN without SOA", "A", Upstream(Rcode::NxDomain), Category::Other},
      {"a chain that ends in NXDOMAIN", "A", gone().cname("", 9, "b.example"), Category::NoData},
      {"SERVFAIL", "A", Upstream(Rcode::ServFail), Category::Failure},
      {"NOTIMP", "A", Upstream(Rcode::NotImp), Category::Failure},
      {"REFUSED", "A", Upstream(Rcode::Refused), Category::Other},
      {"FORMERR", "A", Upstream(Rcode::FormErr), Category::Other},
      {"BADVERS", "A", Upstream(Rcode::BadVers), Category::Other},
      {"truncated", "A", truncated(), Category::Other},
      {"a transfer", "AXFR", one_address(), Category::Other},
      {"a meta type", "TYPE249", gone(), Category::Other},
      {"type 0", "TYPE0", gone(), Category::Other},
      {"a type without a name", "TYPE65280", gone(), Category::NameGone},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(classify(*dns::rr_type_from_text(c.type), c.upstream.answer) == c.category);
  }
}

TEST_CASE("classify: TTLs within the limits of their class, zero stays zero") {
  Settings settings;
  settings.success.min_ttl = 10s;
  settings.success.max_ttl = 100s;
  settings.denial.min_ttl = 20s;
  settings.denial.max_ttl = 50s;
  settings.servfail_ttl = 7s;
  struct Limits {
    const char* what;
    Upstream upstream;
    std::vector<uint32_t> told;
    uint32_t kept;
  };
  const Limits cases[] = {
      {"within", one_address("192.0.2.1", 60), {60}, 60},
      {"too short", one_address("192.0.2.1", 1), {10}, 10},
      {"too long", one_address("192.0.2.1", 0x7fffffff), {100}, 100},
      {"zero", one_address("192.0.2.1", 0), {0}, 0},
      {"each its own",
       Upstream().cname("", 90, "b.example").address("b.example", 5, "1.2.3.4"),
       {90, 10},
       10},
      {"one zero",
       Upstream().cname("", 0, "b.example").address("b.example", 50, "1.2.3.4"),
       {0, 50},
       0},
      {"the SOA's MINIMUM", Upstream(Rcode::NxDomain).soa("example", 40, 30), {30}, 30},
      {"the SOA's TTL", Upstream(Rcode::NxDomain).soa("example", 30, 40), {30}, 30},
      {"a short denial", Upstream().soa("example", 40, 1), {20}, 20},
      {"a long denial", Upstream().soa("example", 4000, 4000), {50}, 50},
      {"a denial of zero", Upstream().soa("example", 40, 0), {0}, 0},
      {"an SOA that was asked is a success",
       one_address("192.0.2.1", 60).soa("example", 90, 1),
       {60, 90},
       60},
      {"a referral", Upstream().ns("example", 90, "ns.example"), {10}, 10},
      {"SERVFAIL", Upstream(Rcode::ServFail), {}, 7},
      {"SERVFAIL with records", Upstream(Rcode::ServFail).soa("example", 90, 90), {7}, 7},
  };
  for (const Limits& c : cases) {
    CAPTURE(c.what);
    dns::Answer answer = c.upstream.answer;
    CHECK(settle_ttls(settings, classify(dns::RrType::A, answer), answer) == c.kept);
    std::vector<uint32_t> told;
    for (const dns::Record& record : answer.records()) told.push_back(record.ttl);
    CHECK(told == c.told);
  }
}

TEST_CASE("classify: a longest TTL below the shortest counts") {
  Settings settings;
  settings.success.max_ttl = 2s;  // with a min_ttl of 5 s
  dns::Answer answer = one_address("192.0.2.1", 60).answer;
  CHECK(settle_ttls(settings, Category::Success, answer) == 2);
}

}  // namespace
}  // namespace fairlead::cache
