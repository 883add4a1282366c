#include <doctest/doctest.h>

#include "plugins/minimal/setup.h"
#include "test/unit/plugins/served.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::minimal {
using namespace fairlead::plugins::testing;

namespace {

using dns::RrType;
using dns::Section;

#define EXAMPLE_SOA "example.org. 300 SOA ns.example.org. ns.example.org. * 0 0 0 300"

// The answer that the first label names, with everything that could go.
query::Turn answer(query::Walk& walk) {
  const dns::Query& question = walk.question();
  const std::string_view what = question.label(0);
  dns::Answer& out = walk.answer();
  const dns::NameRef zone = out.add_name(dns::Name::from_text("example.org.")->view());
  const dns::NameRef ns = out.add_name("ns", dns::Name::from_text("example.org.")->view());
  const bool denies = what == "nosuch" || what == "nodata";
  if (what == "servfail") return walk.fail(dns::Rcode::ServFail);
  if (what == "sf") out.rcode = dns::Rcode::ServFail;
  if (what == "refused") out.rcode = dns::Rcode::Refused;
  if (what == "nosuch") out.rcode = dns::Rcode::NxDomain;
  if (what == "data") out.add_txt(dns::kQname, 5, "data");
  if (denies) {
    out.add_soa(Section::Authority, zone, 300, {.mname = ns, .rname = ns, .minimum = 300});
  } else if (what != "nosoa") {
    out.add_name_record(RrType::Ns, Section::Authority, zone, 300, ns);
  }
  out.add_address(Section::Additional, ns, 300, *dns::IpAddress::from_text("10.0.0.9"));
  out.add_extended_error(15, "why");
  return query::Turn::Done;
}

}  // namespace

TEST_CASE("minimal: mistakes") {
  const auto parse = [](auto& cursor, const auto&) { plugins::minimal::parse(cursor); };
  const auto error = [&](const std::string& lines) { return setup_error("minimal", lines, parse); };
  CHECK(error("minimal").empty());
  CHECK(error("minimal a") == arguments_after(2, "a"));
  CHECK(error("minimal {\nx\n}") == parsing(2, "Unexpected token '{', expecting argument"));
}

TEST_CASE("minimal: answers with data have an answer section only, and their options") {
  Served served("minimal", answer);
  check(served,
        {
            {"data.example.org. TXT", "NOERROR rd; answer data.example.org. 5 TXT \"data\""},
            {"data.example.org. TXT edns=1232",
             "NOERROR rd; edns version=0 size=1232 ede=15; answer data.example.org. 5 TXT "
             "\"data\""},
            {"data.example.org. TXT edns=1232,do",
             "NOERROR rd; edns version=0 size=1232 do ede=15; answer data.example.org. 5 TXT "
             "\"data\""},
            {"nosoa.example.org. A", "NOERROR rd"},
        });
}

TEST_CASE("minimal: denials, referrals and errors stay as they are") {
  Served served("minimal", answer);
#define GLUE "additional ns.example.org. 300 A 10.0.0.9"
#define NS "authority example.org. 300 NS ns.example.org."
  check(served,
        {
            {"nosuch.example.org. A", "NXDOMAIN rd; authority " EXAMPLE_SOA "; " GLUE},
            {"nodata.example.org. A", "NOERROR rd; authority " EXAMPLE_SOA "; " GLUE},
            {"nosuch.example.org. A edns=1232",
             "NXDOMAIN rd; edns version=0 size=1232 ede=15; authority " EXAMPLE_SOA "; " GLUE},
            {"below.example.org. A", "NOERROR rd; " NS "; " GLUE},
            {"refused.example.org. A", "REFUSED rd; " NS "; " GLUE},
            {"sf.example.org. A", "SERVFAIL rd; " NS "; " GLUE},
            {"servfail.example.org. A", "SERVFAIL rd"},
        });
}

TEST_CASE("minimal: in front of whoami nothing is left; transfers pass") {
  Served served("minimal\nwhoami");
  CHECK(served.ask("x. A") == "NOERROR aa rd");
  Served transfers("minimal", answer);
  CHECK(transfers.ask("data.example.org. AXFR tcp") ==
        "NOERROR rd; answer data.example.org. 5 TXT \"data\"; " NS "; " GLUE);
}

}  // namespace fairlead::plugins::minimal
