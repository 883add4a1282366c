#include <doctest/doctest.h>

#include "plugins/hosts/answer.h"
#include "test/unit/plugins/question.h"

namespace fairlead::plugins::hosts {
using dns::RrType;

namespace {

const char* const kFile =
    "127.0.0.1 localhost\n10.0.0.1 web.example.org www.example.org\nfd00::1 web.example.org\n"
    "10.0.0.9 outside.net\n10.0.0.3 *.wild.example.org both.example.org\n";
const char* const kInline =
    "10.0.0.2 web.example.org\n10.0.0.3 both.example.org\n"
    "10.0.0.4 a.wild.example.org\n";

Options options(std::vector<std::string> zones, std::vector<std::string> fall_through = {}) {
  Options out;
  out.zones = std::move(zones);
  out.fall_through = std::move(fall_through);
  out.ttl = 60;
  return out;
}

Table table_for(const Settings& settings) {
  const HostMap::Reading reading{"f", settings.zones, true, nullptr};
  return {HostMap(kFile, reading), std::make_shared<const HostMap>(kInline, reading)};
}

std::string record_text(const dns::Answer& answer, const dns::Record& record) {
  const auto rdata = answer.rdata(record);
  const std::string value =
      record.type == RrType::Ptr ? dns::to_text(rdata) : dns::IpAddress(rdata).to_text();
  return dns::to_text(record.type) + " " + value + " " + std::to_string(record.ttl) + "; ";
}

// What is said, as text: the records, or the outcome.
std::string ask(const Options& with, const std::string& name, RrType type) {
  const Settings settings(with);
  const Table table = table_for(settings);
  const test::Question question(name, type);
  dns::Answer answer;
  const Outcome outcome = plugins::hosts::answer(settings, table, question.query, answer);
  if (outcome != Outcome::Answered) CHECK(answer.records().empty());
  if (outcome == Outcome::PassOn) return "pass on";
  if (outcome == Outcome::ServFail) return "servfail";
  CHECK(answer.authoritative);
  CHECK(answer.rcode == dns::Rcode::NoError);
  std::string out;
  for (const dns::Record& record : answer.records()) {
    CHECK(record.owner.size == 0);
    CHECK(record.section == dns::Section::Answer);
    out += record_text(answer, record);
  }
  return out.empty() ? "nodata" : out;
}

struct Case {
  const char* name;
  RrType type;
  const char* expected;
};

}  // namespace

TEST_CASE("hosts answer: without fallthrough") {
  const Case cases[] = {
      {"localhost", RrType::A, "A 127.0.0.1 60; "},
      {"web.example.org", RrType::A, "A 10.0.0.1 60; A 10.0.0.2 60; "},
      {"WEB.Example.Org", RrType::Aaaa, "AAAA fd00::1 60; "},
      {"www.example.org", RrType::Aaaa, "nodata"},
      {"www.example.org", RrType::Mx, "nodata"},
      {"www.example.org", RrType::Any, "nodata"},
      {"both.example.org", RrType::A, "A 10.0.0.3 60; "},
      {"x.wild.example.org", RrType::A, "A 10.0.0.3 60; "},
      {"a.wild.example.org", RrType::A, "A 10.0.0.3 60; A 10.0.0.4 60; "},
      {"none.example.org", RrType::A, "servfail"},
      {"none.example.org", RrType::Txt, "servfail"},
      {"wild.example.org", RrType::A, "servfail"},
      {"www.example.org", RrType::Ptr, "pass on"},
      {"1.0.0.10.in-addr.arpa", RrType::Ptr, "PTR web.example.org. 60; PTR www.example.org. 60; "},
      {"3.0.0.10.in-addr.arpa", RrType::Ptr, "PTR both.example.org. 60; "},
      {"2.0.0.10.in-addr.arpa", RrType::Ptr, "PTR web.example.org. 60; "},
      {"200.0.0.10.in-addr.arpa", RrType::Ptr, "pass on"},
      {"0.0.10.in-addr.arpa", RrType::Ptr, "pass on"},
      {"1.0.0.10.in-addr.arpa", RrType::A, "servfail"},
      {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", RrType::Ptr,
       "PTR web.example.org. 60; "},
      {"1.0.0.0.a.0.0.0.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", RrType::Ptr,
       "pass on"},
      {"1.0.0.0.0.0.a.0.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", RrType::Ptr,
       "PTR web.example.org. 60; PTR www.example.org. 60; "},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(ask(options({"."}), c.name, c.type) == c.expected);
  }
}

TEST_CASE("hosts answer: other zones are another's, reverse names are not") {
  const Case cases[] = {
      {"www.example.org", RrType::A, "A 10.0.0.1 60; "},
      {"localhost", RrType::A, "pass on"},
      {"outside.net", RrType::A, "pass on"},
      {"none.example.org", RrType::A, "servfail"},
      {"1.0.0.10.in-addr.arpa", RrType::Ptr, "PTR web.example.org. 60; PTR www.example.org. 60; "},
      {"9.0.0.10.in-addr.arpa", RrType::Ptr, "pass on"},
      {"1.0.0.10.in-addr.arpa", RrType::A, "pass on"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(ask(options({"example.org."}), c.name, c.type) == c.expected);
  }
}

TEST_CASE("hosts answer: fallthrough") {
  CHECK(ask(options({"."}, {"."}), "none", RrType::A) == "pass on");
  CHECK(ask(options({"."}, {"."}), "www.example.org", RrType::Aaaa) == "nodata");
  CHECK(ask(options({"."}, {"."}), "www.example.org", RrType::Https) == "nodata");
  CHECK(ask(options({"."}, {"example.org."}), "none.example.org", RrType::A) == "pass on");
  CHECK(ask(options({"."}, {"example.org."}), "none.example.net", RrType::A) == "servfail");

  Options unsupported = options({"."}, {"example.org."});
  unsupported.fall_through_unsupported = true;
  CHECK(ask(unsupported, "www.example.org", RrType::Https) == "pass on");
  CHECK(ask(unsupported, "www.example.org", RrType::Aaaa) == "nodata");
  CHECK(ask(unsupported, "localhost", RrType::Https) == "nodata");
}

}  // namespace fairlead::plugins::hosts
