#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "net/prng.h"
#include "plugins/loadbalance/weights.h"

namespace fairlead::plugins::loadbalance {
using dns::RrType;
using dns::Section;

namespace {

dns::IpAddress address_of(const std::string& text) {
  return *dns::IpAddress::from_text(text);
}

dns::Name name(const std::string& text) {
  return *dns::Name::from_text(text);
}

Weights weights_of(const std::string& text) {
  std::string error;
  Weights weights = Weights::from_text(text, "w", error);
  CHECK(error.empty());
  return weights;
}

/// "TYPE" or an address of each record of a section, in order.
std::string order(const dns::Answer& answer, Section section) {
  std::string all;
  for (const dns::Record& r : answer.records()) {
    if (r.section != section) continue;
    const bool address = r.type == RrType::A || r.type == RrType::Aaaa;
    all += address ? dns::IpAddress(answer.rdata(r)).to_text() : dns::to_text(r.type);
    all += ' ';
  }
  return all;
}

}  // namespace

TEST_CASE("weights: names, addresses and numbers of a file") {
  const Weights weights = weights_of(
      "  # nothing\n\nA.test\n10.0.0.1 3\r\n\t10.0.0.2   255 \nb.test.\n2001:DB8::1 7\n"
      "::ffff:10.0.0.9 4\na.test\n10.0.0.1 9\n10.0.0.3 001");
  CHECK(weights.size() == 2);
  const auto weight = [&](const char* owner, const char* address) {
    return int{weights.weight(name(owner).view(), address_of(address))};
  };
  CHECK(weight("a.test", "10.0.0.1") == 3);  // the first of two
  CHECK(weight("a.TEST", "10.0.0.2") == 255);
  CHECK(weight("a.test", "10.0.0.3") == 1);
  CHECK(weight("a.test", "10.0.0.4") == 1);
  CHECK(weight("b.test", "10.0.0.1") == 1);
  CHECK(weight("b.test", "2001:db8::1") == 7);
  CHECK(weight("b.test", "10.0.0.9") == 4);
  CHECK(weight("c.test", "10.0.0.9") == 1);
  CHECK(weights_of("").size() == 0);
}

TEST_CASE("weights: an address is first as often as its weight says") {
  const Weights weights = weights_of("a.test\n10.0.0.1 1\n10.0.0.3 6");
  net::Prng random(42);
  std::map<std::string, int> first;
  constexpr int kRounds = 9000;
  for (int i = 0; i < kRounds; ++i) {
    dns::Answer answer;
    for (const char* a : {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"})
      answer.add_address(Section::Answer, dns::kQname, 5, address_of(a));
    put_drawn_first(answer, name("A.test").view(), weights, random);
    ++first[order(answer, Section::Answer)];
  }
  // The drawn one changes places with the first; the others stay where they are.
  REQUIRE(first.size() == 4);
  const struct {
    const char* order;
    int weight;
  } rows[] = {{"10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 ", 1},
              {"10.0.0.2 10.0.0.1 10.0.0.3 10.0.0.4 ", 1},
              {"10.0.0.3 10.0.0.2 10.0.0.1 10.0.0.4 ", 6},
              {"10.0.0.4 10.0.0.2 10.0.0.3 10.0.0.1 ", 1}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.order));
    CHECK(first[row.order] > kRounds * row.weight / 9 * 8 / 10);
    CHECK(first[row.order] < kRounds * row.weight / 9 * 12 / 10);
  }
}

TEST_CASE("weights: answer and additional section, each by itself; CNAMEs in front, MX last") {
  const Weights weights = weights_of("a.test\n10.0.0.2 255\nb.test\n10.0.0.4 255");
  net::Prng random(1);
  int second = 0;
  for (int i = 0; i < 100; ++i) {
    dns::Answer answer;
    const dns::NameRef a = answer.add_name(name("a.test").view());
    const dns::NameRef b = answer.add_name(name("b.test").view());
    answer.add_raw(Section::Answer, a, RrType::Mx, 5, std::vector<uint8_t>{0, 1, 0});
    answer.add_address(Section::Answer, a, 5, address_of("10.0.0.1"));
    answer.add_address(Section::Answer, a, 5, address_of("10.0.0.2"));
    answer.add_txt(dns::kQname, 5, "x");
    answer.add_name_record(RrType::Cname, Section::Answer, dns::kQname, 5, a);
    answer.add_address(Section::Authority, b, 5, address_of("10.0.0.3"));
    answer.add_address(Section::Authority, b, 5, address_of("10.0.0.4"));
    answer.add_address(Section::Additional, b, 5, address_of("10.0.0.3"));
    answer.add_address(Section::Additional, b, 5, address_of("10.0.0.4"));
    put_drawn_first(answer, name("q.test").view(), weights, random);
    CHECK(order(answer, Section::Authority) == "10.0.0.3 10.0.0.4 ");
    second += order(answer, Section::Answer) == "CNAME TXT 10.0.0.2 10.0.0.1 MX " &&
                      order(answer, Section::Additional) == "10.0.0.4 10.0.0.3 "
                  ? 1
                  : 0;
  }
  CHECK(second > 90);
}

TEST_CASE("weights: what has no address, or is no answer, stays as it is") {
  const Weights weights;
  net::Prng random(1);
  dns::Answer answer;
  answer.add_txt(dns::kQname, 5, "x");
  answer.add_name_record(RrType::Cname, Section::Answer, dns::kQname, 5,
                         answer.add_name(name("a.test").view()));
  put_drawn_first(answer, name("q.test").view(), weights, random);
  CHECK(order(answer, Section::Answer) == "TXT CNAME ");
  dns::Answer denied;
  denied.rcode = dns::Rcode::NxDomain;
  denied.add_address(Section::Answer, dns::kQname, 5, address_of("10.0.0.1"));
  denied.add_name_record(RrType::Cname, Section::Answer, dns::kQname, 5,
                         denied.add_name(name("a.test").view()));
  put_drawn_first(denied, name("q.test").view(), weights, random);
  CHECK(order(denied, Section::Answer) == "10.0.0.1 CNAME ");
}

}  // namespace fairlead::plugins::loadbalance
