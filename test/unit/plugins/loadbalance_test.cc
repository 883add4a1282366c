#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "net/prng.h"
#include "plugins/loadbalance/shuffle.h"

namespace fairlead::plugins::loadbalance {
using dns::RrType;
using dns::Section;

namespace {

dns::IpAddress ip(const std::string& text) {
  return *dns::IpAddress::from_text(text);
}

std::vector<std::string> addresses(const dns::Answer& answer, Section section) {
  std::vector<std::string> result;
  for (const dns::Record& r : answer.records()) {
    if (r.section != section) continue;
    const bool address = r.type == RrType::A || r.type == RrType::Aaaa;
    result.push_back(address ? dns::IpAddress(answer.rdata(r)).to_text() : dns::to_text(r.type));
  }
  return result;
}

corefile::Subnet subnet(const char* text) {
  corefile::Subnet result;
  REQUIRE(corefile::parse_subnet(text, result));
  return result;
}

}  // namespace

TEST_CASE("loadbalance: every order of three addresses comes up about as often") {
  net::Prng prng(42);
  std::map<std::vector<std::string>, int> seen;
  constexpr int kRounds = 6000;
  for (int i = 0; i < kRounds; ++i) {
    dns::Answer answer;
    for (const char* a : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) {
      answer.add_address(Section::Answer, dns::kQname, 5, ip(a));
    }
    shuffle(answer, prng());
    ++seen[addresses(answer, Section::Answer)];
  }
  REQUIRE(seen.size() == 6);
  for (const auto& [order, times] : seen) {
    CHECK(times > kRounds / 6 * 8 / 10);
    CHECK(times < kRounds / 6 * 12 / 10);
  }
}

TEST_CASE("loadbalance: CNAMEs keep their order and come first, MX last") {
  net::Prng prng(1);
  dns::Answer answer;
  answer.add_address(Section::Answer, dns::kQname, 5, ip("10.0.0.1"));
  answer.add_raw(Section::Answer, dns::kQname, RrType::Mx, 5, std::array<uint8_t, 3>{0, 1, 0});
  answer.add_txt(dns::kQname, 5, "text");
  answer.add_name_record(RrType::Cname, Section::Answer, dns::kQname, 1, dns::kQname);
  answer.add_address(Section::Answer, dns::kQname, 5, ip("10.0.0.2"));
  answer.add_name_record(RrType::Cname, Section::Answer, dns::kQname, 2, dns::kQname);
  shuffle(answer, prng());
  auto order = addresses(answer, Section::Answer);
  REQUIRE(order.size() == 6);
  std::sort(order.begin() + 3, order.begin() + 5);
  CHECK(order == std::vector<std::string>{"CNAME", "CNAME", "TXT", "10.0.0.1", "10.0.0.2", "MX"});
  CHECK(answer.records()[0].ttl == 1);
  CHECK(answer.records()[1].ttl == 2);
}

TEST_CASE("loadbalance: additional addresses are shuffled, sections never mix") {
  net::Prng prng(7);
  bool moved = false;
  for (int i = 0; i < 20; ++i) {
    dns::Answer answer;
    answer.add_srv(dns::kQname, 5, {0, 1, 53, dns::kQname});
    answer.add_address(Section::Additional, dns::kQname, 5, ip("10.0.0.1"));
    answer.add_address(Section::Additional, dns::kQname, 5, ip("10.0.0.2"));
    shuffle(answer, prng());
    CHECK(answer.records()[0].type == RrType::Srv);
    moved = moved || addresses(answer, Section::Additional)[0] == "10.0.0.2";
  }
  CHECK(moved);
}

TEST_CASE("loadbalance: what is not NOERROR stays as it is") {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    net::Prng prng(seed);
    dns::Answer answer;
    answer.rcode = dns::Rcode::NxDomain;
    answer.add_address(Section::Answer, dns::kQname, 5, ip("10.0.0.1"));
    answer.add_name_record(RrType::Cname, Section::Answer, dns::kQname, 1, dns::kQname);
    shuffle(answer, prng());
    CHECK(answer.records()[0].type == RrType::A);
  }
}

TEST_CASE("loadbalance: preferred subnets come first, in their order") {
  net::Prng prng(3);
  const std::vector<corefile::Subnet> subnets = {subnet("10.1.128.0/17"), subnet("fd00::/20"),
                                                 subnet("10.2.0.0/16")};
  for (int i = 0; i < 10; ++i) {
    dns::Answer answer;
    for (const char* a : {"10.1.0.1", "10.2.9.9", "fd00:fff::1", "10.1.200.1", "fd00:1000::1"}) {
      answer.add_address(Section::Answer, dns::kQname, 5, ip(a));
    }
    shuffle(answer, prng());
    prefer(answer, subnets);
    const auto order = addresses(answer, Section::Answer);
    CHECK(order[0] == "10.1.200.1");
    CHECK(order[1] == "fd00:fff::1");
    CHECK(order[2] == "10.2.9.9");
  }
}

TEST_CASE("loadbalance: with preferred subnets, other records come last in their section") {
  const corefile::Subnet subnets[] = {subnet("10.0.0.3/32")};
  for (uint64_t seed = 1; seed < 20; ++seed) {
    dns::Answer answer;
    const dns::NameRef name = answer.add_name(dns::Name().view());
    answer.add_srv(dns::kQname, 5, {0, 0, 80, name});
    answer.add_txt(dns::kQname, 5, "x");
    answer.add_address(Section::Answer, dns::kQname, 5, ip("10.0.0.1"));
    answer.add_address(Section::Answer, dns::kQname, 5, ip("10.0.0.3"));
    answer.add_raw(Section::Answer, dns::kQname, RrType::Mx, 5, std::vector<uint8_t>{0, 1, 0});
    answer.add_name_record(RrType::Cname, Section::Answer, dns::kQname, 5, name);
    answer.add_raw(Section::Additional, dns::kQname, RrType::Txt, 5, std::vector<uint8_t>{0});
    answer.add_address(Section::Additional, dns::kQname, 5, ip("10.0.0.3"));
    shuffle(answer, seed);
    prefer(answer, subnets);
    CHECK(addresses(answer, Section::Answer) ==
          std::vector<std::string>{"CNAME", "10.0.0.3", "10.0.0.1", "MX", "SRV", "TXT"});
    CHECK(addresses(answer, Section::Additional) == std::vector<std::string>{"10.0.0.3", "TXT"});
  }
}

TEST_CASE("loadbalance: a /0 prefers a family") {
  dns::Answer answer;
  answer.add_address(Section::Answer, dns::kQname, 5, ip("10.0.0.1"));
  answer.add_address(Section::Answer, dns::kQname, 5, ip("fd00::1"));
  prefer(answer, std::vector<corefile::Subnet>{subnet("::/0")});
  CHECK(addresses(answer, Section::Answer)[0] == "fd00::1");
}

TEST_CASE("loadbalance: generators of two workers differ") {
  net::Prng a = net::Prng::from_system();
  net::Prng b = net::Prng::from_system();
  bool differ = false;
  for (int i = 0; i < 8; ++i) differ = a.below(1'000'000) != b.below(1'000'000) || differ;
  CHECK(differ);
  for (int i = 0; i < 1000; ++i) CHECK(a.below(3) < 3);
}

}  // namespace fairlead::plugins::loadbalance
