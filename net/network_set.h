// Addresses that lie in any of some networks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dns/address.h"
#include "net/subnet.h"

namespace fairlead::net {

/// Constant: any thread. One binary tree for each family, whose nodes are the places where networks
/// part, so that a question costs a step for each doubling of their number.
class NetworkSet {
 public:
  /// Networks may lie in one another. An IPv4 network written in IPv6 (::ffff:10.0.0.0/104) is the
  /// IPv4 one.
  explicit NetworkSet(std::span<const Subnet> networks);

  [[nodiscard]] bool contains(const dns::IpAddress& address) const;

 private:
  /// An address, its first bit the highest; IPv4 in the first 32.
  struct Bits {
    uint64_t high = 0;
    uint64_t low = 0;
    friend auto operator<=>(const Bits&, const Bits&) = default;
  };
  struct Network {
    Bits bits;
    uint8_t size = 0;  // of the prefix
    friend auto operator<=>(const Network&, const Network&) = default;
  };
  /// A network, or the bit by which those below are told apart: the ones with 0 in the next node,
  /// those with 1 at `ones`.
  struct Node {
    Network network;
    uint32_t ones = 0;  // 0: a network
  };
  using Tree = std::vector<Node>;

  static Bits bits_of(std::span<const uint8_t> octets);
  static bool bit(const Bits& bits, uint8_t number);
  static bool is_within(const Bits& bits, const Network& network);
  static uint8_t first_difference(const Bits& a, const Bits& b);
  static Tree tree_of(std::vector<Network> networks);
  static void grow(Tree& tree, std::span<const Network> networks);

  Tree v4_;
  Tree v6_;
};

}  // namespace fairlead::net
