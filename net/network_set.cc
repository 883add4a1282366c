#include "net/network_set.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace fairlead::net {
namespace {

constexpr int kMappedBits = 96;
constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const Subnet& network) {
  return network.address.size() == 16 && network.prefix >= kMappedBits &&
         std::equal(kMapped.begin(), kMapped.end(), network.address.begin());
}

}  // namespace

NetworkSet::Bits NetworkSet::bits_of(std::span<const uint8_t> octets) {
  Bits bits;
  for (size_t i = 0; i < octets.size(); ++i) {
    uint64_t& half = i < 8 ? bits.high : bits.low;
    half |= uint64_t{octets[i]} << (56 - 8 * (i % 8));
  }
  return bits;
}

bool NetworkSet::bit(const Bits& bits, uint8_t number) {
  const uint64_t half = number < 64 ? bits.high : bits.low;
  return (half >> (63 - number % 64) & 1) != 0;
}

// 128 when they are the same.
uint8_t NetworkSet::first_difference(const Bits& a, const Bits& b) {
  const int high = std::countl_zero(a.high ^ b.high);
  return static_cast<uint8_t>(high < 64 ? high : 64 + std::countl_zero(a.low ^ b.low));
}

bool NetworkSet::is_within(const Bits& bits, const Network& network) {
  return first_difference(bits, network.bits) >= network.size;
}

NetworkSet::NetworkSet(std::span<const Subnet> networks) {
  std::vector<Network> v4;
  std::vector<Network> v6;
  for (const Subnet& network : networks) {
    const std::span<const uint8_t> octets(network.address);
    if (is_mapped(network)) {
      v4.push_back(
          {bits_of(octets.subspan(12)), static_cast<uint8_t>(network.prefix - kMappedBits)});
    } else {
      (octets.size() == 4 ? v4 : v6)
          .push_back({bits_of(octets), static_cast<uint8_t>(network.prefix)});
    }
  }
  v4_ = tree_of(std::move(v4));
  v6_ = tree_of(std::move(v6));
}

// A network sorts before those that lie in it: they add nothing.
NetworkSet::Tree NetworkSet::tree_of(std::vector<Network> networks) {
  std::ranges::sort(networks);
  std::vector<Network> apart;
  for (const Network& network : networks) {
    if (apart.empty() || !is_within(network.bits, apart.back())) apart.push_back(network);
  }
  Tree tree;
  if (apart.empty()) return tree;
  tree.reserve(2 * apart.size() - 1);
  grow(tree, apart);
  return tree;
}

// `networks` are sorted and apart. No deeper than an address has bits.
void NetworkSet::grow(Tree& tree, std::span<const Network> networks) {
  const size_t here = tree.size();
  tree.push_back({networks.front(), 0});
  if (networks.size() == 1) return;
  const uint8_t parts = first_difference(networks.front().bits, networks.back().bits);
  const auto ones =
      std::ranges::find_if(networks, [&](const Network& n) { return bit(n.bits, parts); });
  const auto zeros = static_cast<size_t>(ones - networks.begin());
  grow(tree, networks.first(zeros));
  tree[here] = {{networks.front().bits, parts}, static_cast<uint32_t>(tree.size())};
  grow(tree, networks.subspan(zeros));
}

bool NetworkSet::contains(const dns::IpAddress& address) const {
  const Tree& tree = address.is_v6() ? v6_ : v4_;
  if (tree.empty()) return false;
  const Bits bits = bits_of(address.octets());
  size_t at = 0;
  while (tree[at].ones != 0) at = bit(bits, tree[at].network.size) ? tree[at].ones : at + 1;
  return is_within(bits, tree[at].network);
}

}  // namespace fairlead::net
