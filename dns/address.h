// IP addresses as values, and their reverse names (RFC 1035 §3.5, RFC 3596 §2.5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fairlead::dns {

/// An IPv4 or IPv6 address in network order. An IPv4 address fills the first four octets.
class IpAddress {
 public:
  IpAddress() = default;

  /// `octets` holds 4 or 16 octets; any other size gives the default, 0.0.0.0.
  explicit IpAddress(std::span<const uint8_t> octets);

  /// Reads dotted or colon text as inet_pton(3) does. An IPv4-mapped IPv6 text stays IPv6. No zone
  /// index.
  static std::optional<IpAddress> from_text(std::string_view text);

  [[nodiscard]] bool is_v6() const { return v6_; }
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] std::span<const uint8_t> octets() const { return {octets_.data(), v6_ ? 16U : 4U}; }

  /// Dotted or RFC 5952 text.
  [[nodiscard]] std::string to_text() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  bool v6_ = false;
  std::array<uint8_t, 16> octets_{};
};

inline constexpr size_t kMaxAddressLabel = 46;

/// Writes the text of `address` with '.' and ':' turned into '-' (10-0-0-1, 2001-db8--1), as a
/// pod's name has it. `out` takes at least 48 octets. Returns the length.
size_t dashed_address(const IpAddress& address, char* out);

/// True when `label` is that text: fd00-1--5, not fd00-1-0-0-0-0-0-5.
bool spells_exactly(std::string_view label, const IpAddress& address);

/// The text, with a '0' behind what would end in '-', as CoreDNS names an endpoint that has no host
/// name.
size_t address_label(const IpAddress& address, char* out);

/// The address that a pod's or endpoint's label spells: three single dashes mean IPv4, anything
/// else is read as IPv6.
std::optional<IpAddress> address_from_label(std::string_view label);

}  // namespace fairlead::dns
