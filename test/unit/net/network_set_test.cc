#include "net/network_set.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace fairlead;
using dns::IpAddress;
using net::NetworkSet;
using net::Subnet;

namespace {

std::vector<Subnet> networks(const std::vector<std::string_view>& texts) {
  std::vector<Subnet> all;
  for (const std::string_view text : texts) REQUIRE(net::parse_subnet(text, all.emplace_back()));
  return all;
}

bool contains(const NetworkSet& set, const char* address) {
  return set.contains(*IpAddress::from_text(address));
}

// Bit by bit.
bool lies_in(const IpAddress& address, const Subnet& network) {
  const auto octets = address.octets();
  if (octets.size() != network.address.size()) return false;
  for (int i = 0; i < network.prefix; ++i) {
    const auto octet = static_cast<size_t>(i / 8);
    if (((octets[octet] ^ network.address[octet]) & 0x80 >> i % 8) != 0) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("network set: the ends of networks, and their neighbours") {
  const NetworkSet set(networks({"10.0.0.0/8", "192.0.2.64/26", "203.0.113.7/32", "fd00:1::/32",
                                 "2001:db8::1/128", "fe80::/65"}));
  for (const char* in : {"10.0.0.0", "10.255.255.255", "192.0.2.64", "192.0.2.127", "203.0.113.7",
                         "fd00:1::", "fd00:1:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::1",
                         "fe80::7fff:ffff:ffff:ffff"}) {
    CAPTURE(std::string(in));
    CHECK(contains(set, in));
  }
  for (const char* out : {"0.0.0.0", "9.255.255.255", "11.0.0.0", "192.0.2.63", "192.0.2.128",
                          "203.0.113.6", "203.0.113.8", "255.255.255.255", "::", "fd00::",
                          "fd00:2::", "2001:db8::", "2001:db8::2", "fe80::8000:0:0:0", "a00::"}) {
    CAPTURE(std::string(out));
    CHECK_FALSE(contains(set, out));
  }
}

TEST_CASE("network set: none, and all") {
  const NetworkSet none({});
  CHECK_FALSE(contains(none, "0.0.0.0"));
  CHECK_FALSE(contains(none, "::"));
  const NetworkSet v4(networks({"0.0.0.0/0"}));
  CHECK(contains(v4, "255.1.2.3"));
  CHECK_FALSE(contains(v4, "::1"));
  const NetworkSet v6(networks({"::/0"}));
  CHECK(contains(v6, "ffff::"));
  CHECK_FALSE(contains(v6, "0.0.0.0"));
}

TEST_CASE("network set: networks may repeat, lie in one another, and come in any order") {
  const NetworkSet set(networks({"10.1.2.0/24", "10.0.0.0/8", "10.1.2.3/32", "10.0.0.0/8",
                                 "172.16.0.1/32", "172.16.0.0/12"}));
  CHECK(contains(set, "10.1.2.3"));
  CHECK(contains(set, "10.1.2.4"));
  CHECK(contains(set, "10.200.0.0"));
  CHECK(contains(set, "172.31.0.0"));
  CHECK_FALSE(contains(set, "172.32.0.0"));
}

TEST_CASE("network set: an IPv4 network written in IPv6 is the IPv4 one") {
  const NetworkSet set(networks({"::ffff:10.0.0.0/104"}));
  CHECK(contains(set, "10.9.9.9"));
  CHECK_FALSE(contains(set, "11.0.0.0"));
  CHECK_FALSE(contains(set, "::ffff:10.9.9.9"));
  CHECK(contains(NetworkSet(networks({"::ffff:0:0/96"})), "1.2.3.4"));
  CHECK(contains(NetworkSet(networks({"::ffff:0:0/95"})), "::ffff:10.9.9.9"));  // more than IPv4
}

TEST_CASE("network set: random networks, as if each were looked at") {
  std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  const auto octets = [&random](bool v6) {
    std::vector<uint8_t> out(v6 ? 16 : 4);
    for (uint8_t& octet : out)
      octet = static_cast<uint8_t>(random() % 4);  // so that many share bits
    return out;
  };
  for (int round = 0; round < 20; ++round) {
    std::vector<Subnet> all;
    for (int i = 0; i < 200; ++i) {
      const auto address = octets(i % 2 == 0);
      const size_t prefix = random() % (8 * address.size() + 1) | 8;
      Subnet network;
      REQUIRE(net::parse_subnet(
          IpAddress(address).to_text() + "/" + std::to_string(std::min(prefix, 8 * address.size())),
          network));
      all.push_back(network);
    }
    const NetworkSet set(all);
    for (int i = 0; i < 500; ++i) {
      const IpAddress address(octets(i % 2 == 0));
      CAPTURE(address.to_text());
      REQUIRE(set.contains(address) ==
              std::ranges::any_of(all, [&](const Subnet& n) { return lies_in(address, n); }));
    }
  }
}
