#include "cache/message.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "test/unit/cache/support.h"

namespace fairlead::cache {
namespace {

// Answers of every shape, from a few labels, so that names share their ends.
class Random {
 public:
  explicit Random(uint32_t seed) : numbers_(seed) {}

  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(numbers_() % bound); }

  dns::Name any_name() {
    dns::Name result;
    for (uint32_t labels = below(5); labels > 0; --labels) {
      const char* const choices[] = {"a", "B", "example", "Example", "x-1", "\xff\x01z"};
      result.prepend(choices[below(6)]);
    }
    if (below(20) == 0) {
      while (result.prepend(std::string(1 + below(63), 'l'))) {
      }
    }
    return result;
  }

  dns::Answer answer() {
    dns::Answer result;
    const dns::Rcode rcodes[] = {dns::Rcode::NoError, dns::Rcode::NxDomain, dns::Rcode::ServFail};
    result.rcode = rcodes[below(3)];
    result.authoritative = below(2) == 0;
    result.recursion_available = below(2) == 0;
    result.authentic_data = below(2) == 0;
    for (const auto section :
         {dns::Section::Answer, dns::Section::Authority, dns::Section::Additional}) {
      for (uint32_t i = below(below(4) == 0 ? 40 : 4); i > 0; --i) add(result, section);
    }
    return result;
  }

 private:
  std::vector<uint8_t> octets(size_t size) {
    std::vector<uint8_t> result(size);
    for (uint8_t& octet : result) octet = static_cast<uint8_t>(below(256));
    return result;
  }
  void append_name(std::vector<uint8_t>& rdata) {
    const dns::Name one = any_name();
    rdata.insert(rdata.end(), one.view().begin(), one.view().end());
  }

  void add(dns::Answer& to, dns::Section section) {
    const dns::NameRef owner = below(3) == 0 ? dns::kQname : to.add_name(any_name().view());
    const uint32_t ttl = below(2) == 0 ? below(0xffffffff) : 60;
    std::vector<uint8_t> rdata;
    constexpr dns::RrType kTypes[] = {dns::RrType::A,   dns::RrType::Aaaa, dns::RrType::Cname,
                                      dns::RrType::Mx,  dns::RrType::Srv,  dns::RrType::Soa,
                                      dns::RrType::Txt, dns::RrType(65280)};
    const dns::RrType type = kTypes[below(8)];
    switch (type) {
      case dns::RrType::A:
        rdata = octets(4);
        break;
      case dns::RrType::Aaaa:
        rdata = octets(16);
        break;
      case dns::RrType::Cname:
        append_name(rdata);
        break;
      case dns::RrType::Mx:
        rdata = octets(2);
        append_name(rdata);
        break;
      case dns::RrType::Srv:
        rdata = octets(6);
        append_name(rdata);
        break;
      case dns::RrType::Soa: {
        append_name(rdata);
        append_name(rdata);
        const auto numbers = octets(20);
        rdata.insert(rdata.end(), numbers.begin(), numbers.end());
        break;
      }
      case dns::RrType::Txt: {
        const auto text = octets(below(256));
        rdata.push_back(static_cast<uint8_t>(text.size()));
        rdata.insert(rdata.end(), text.begin(), text.end());
        break;
      }
      default:
        rdata = octets(below(300));
    }
    to.add_raw(section, owner, type, ttl, rdata);
  }

  std::mt19937 numbers_;
};

// Every record in full, in the order of the message.
std::vector<std::vector<uint8_t>> spelled(const dns::Answer& answer, dns::NameView qname) {
  std::vector<std::vector<uint8_t>> result;
  for (const auto section :
       {dns::Section::Answer, dns::Section::Authority, dns::Section::Additional}) {
    for (const dns::Record& record : answer.records()) {
      if (record.section != section) continue;
      std::vector<uint8_t> text{static_cast<uint8_t>(section),
                                static_cast<uint8_t>(static_cast<uint16_t>(record.type) >> 8),
                                static_cast<uint8_t>(record.type)};
      for (int shift = 24; shift >= 0; shift -= 8)
        text.push_back(static_cast<uint8_t>(record.ttl >> shift));
      const dns::NameView owner = answer.name(record.owner, qname);
      text.insert(text.end(), owner.begin(), owner.end());
      const auto rdata = answer.rdata(record);
      text.insert(text.end(), rdata.begin(), rdata.end());
      result.push_back(text);
    }
  }
  return result;
}

dns::Query question(const dns::Name& qname) {
  dns::Query query;
  query.has_question = true;
  query.set_name(qname.view());
  return query;
}

TEST_CASE("message: random answers read back as they were written") {
  for (uint32_t seed = 0; seed < 1500; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const dns::Name qname = random.any_name().lowered();
    const dns::Query query = question(qname);
    const dns::Answer answer = random.answer();
    std::vector<uint8_t> message(kMaxMessage);
    message.resize(write_message(query, answer, message));
    REQUIRE(!message.empty());
    dns::Answer read;
    read.add_txt(dns::kQname, 1, "from before");
    read_message(message, read);
    REQUIRE(spelled(read, qname.view()) == spelled(answer, qname.view()));
    REQUIRE(read.rcode == answer.rcode);
    REQUIRE(read.authoritative == answer.authoritative);
    REQUIRE(read.recursion_available == answer.recursion_available);
    REQUIRE(read.authentic_data == answer.authentic_data);
  }
}

TEST_CASE("message: counting down and shuffling touch TTLs and the order of addresses alone") {
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const dns::Name qname = random.any_name().lowered();
    dns::Answer answer = random.answer();
    std::vector<uint8_t> message(kMaxMessage);
    message.resize(write_message(question(qname), answer, message));
    std::vector<TtlPosition> positions;
    find_ttls(message, positions);
    REQUIRE(positions.size() == answer.records().size());
    const uint32_t seconds = seed * 100000;
    count_down(message, positions, seconds);
    shuffle_addresses(message, positions, seed);
    for (dns::Record& record : answer.records()) record.ttl -= std::min(record.ttl, seconds);
    dns::Answer read;
    read_message(message, read);
    auto expected = spelled(answer, qname.view());
    auto got = spelled(read, qname.view());
    // A TTL goes with the place, not with the address: compare without TTLs of addresses.
    for (auto* records : {&expected, &got}) {
      for (auto& text : *records) {
        if (text[1] == 0 && (text[2] == 1 || text[2] == 28)) std::fill_n(text.begin() + 3, 4, 0);
      }
      std::sort(records->begin(), records->end());
    }
    REQUIRE(got == expected);
    set_ttls(message, positions, 9);
    read_message(message, read);
    for (const dns::Record& record : read.records()) REQUIRE(record.ttl == 9);
  }
}

TEST_CASE("message: an RRset is one owner, one type, one section") {
  Upstream upstream;
  upstream.address("", 1, "192.0.2.1").address("www.example", 1, "192.0.2.2");
  upstream.address("", 1, "2001:db8::1").address("b.example", 1, "192.0.2.3");
  upstream.address("b.example", 1, "192.0.2.4").address("b.example", 1, "192.0.2.5");
  const dns::NameRef b = upstream.owner("b.example");
  upstream.answer.add_address(dns::Section::Additional, b, 1,
                              *dns::IpAddress::from_text("1.2.3.4"));
  std::vector<uint8_t> message(kMaxMessage);
  message.resize(write_message(question(name("www.example")), upstream.answer, message));
  std::vector<TtlPosition> positions;
  find_ttls(message, positions);
  std::vector<bool> same;
  for (const TtlPosition position : positions) same.push_back((position & kSameRrset) != 0);
  CHECK(same == std::vector<bool>{false, true, false, false, true, true, false});
}

TEST_CASE("message: every order of three addresses is about as likely") {
  Upstream upstream = Upstream().addresses(3);
  std::vector<uint8_t> message(kMaxMessage);
  message.resize(write_message(question(name("www.example")), upstream.answer, message));
  std::vector<TtlPosition> positions;
  find_ttls(message, positions);
  std::map<std::string, int> seen;
  std::mt19937_64 random(1);
  constexpr int kRounds = 6000;
  for (int i = 0; i < kRounds; ++i) {
    shuffle_addresses(message, positions, random() | 1);
    dns::Answer read;
    read_message(message, read);
    std::string order;
    for (const dns::Record& record : read.records())
      order += static_cast<char>('0' + read.rdata(record)[3]);
    ++seen[order];
  }
  CHECK(seen.size() == 6);
  for (const auto& [order, count] : seen) {
    CAPTURE(order);
    CHECK(count > kRounds / 6 * 8 / 10);
    CHECK(count < kRounds / 6 * 12 / 10);
  }
}

TEST_CASE("message: one that does not fit is none") {
  std::vector<uint8_t> out(kMaxMessage);
  const dns::Query query = question(name("www.example"));
  CHECK(write_message(query, Upstream().addresses(2040).answer, out) > 0);
  CHECK(write_message(query, Upstream().addresses(2060).answer, out) == 0);
}

}  // namespace
}  // namespace fairlead::cache
