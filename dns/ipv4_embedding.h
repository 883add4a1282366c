// IPv4 addresses inside IPv6 addresses (RFC 6052 §2.2): what NAT64 and SIIT translate.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "dns/address.h"

namespace fairlead::dns {

/// A prefix behind which an IPv4 address lies, in front of a suffix of zeros. Constant.
class Ipv4Embedding {
 public:
  /// 64:ff9b::/96, the well-known prefix (RFC 6052 §2.1).
  Ipv4Embedding();

  /// `prefix`: 16 octets, of which the first `bits` count; `bits` is_length().
  Ipv4Embedding(std::span<const uint8_t> prefix, int bits);

  /// 32, 40, 48, 56, 64 or 96.
  static bool is_length(int bits);

  /// `v4` is an IPv4 address.
  [[nodiscard]] IpAddress embed(const IpAddress& v4) const;

  /// The IPv4 address in `address`. Empty for what is no IPv6 address, lies outside the prefix, or
  /// has something in octet 8 behind it, which is to be zero. The suffix is not looked at.
  [[nodiscard]] std::optional<IpAddress> extract(const IpAddress& address) const;

  /// "64:ff9b::/96".
  [[nodiscard]] std::string to_text() const;

  friend bool operator==(const Ipv4Embedding&, const Ipv4Embedding&) = default;

 private:
  std::array<uint8_t, 16> prefix_{};
  size_t octets_ = 12;
};

}  // namespace fairlead::dns
