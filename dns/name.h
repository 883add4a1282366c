// Domain names in wire form (RFC 1035 §3.1): labels, each behind its length octet, ending in the
// root's zero octet.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dns {

inline constexpr size_t kMaxNameSize = 255;
inline constexpr size_t kMaxLabelSize = 63;
inline constexpr size_t kMaxLabels = 127;

/// A view of a well-formed, uncompressed wire name, the root's octet included. Does not own; never
/// empty once set.
using NameView = std::span<const uint8_t>;

constexpr uint8_t lower(uint8_t c) {
  return c >= 'A' && c <= 'Z' ? static_cast<uint8_t>(c | 0x20) : c;
}

/// ASCII upper case folded, as in qnames that are compared.
std::string lowered(std::string_view text);

/// A name of at most 255 octets that owns its octets in place: no allocation, cheap to copy.
class Name {
 public:
  /// The root.
  Name() { octets_[0] = 0; }

  /// `wire` must be well formed.
  explicit Name(NameView wire) : size_(static_cast<uint8_t>(wire.size())) {
    std::memcpy(octets_.data(), wire.data(), wire.size());
  }

  /// Reads presentation form: labels between dots, "\." and "\DDD" escapes (RFC 1035 §5.1); a
  /// missing final dot is added. Empty when a label is empty or longer than 63 octets, or the name
  /// longer than 255.
  static std::optional<Name> from_text(std::string_view text);

  [[nodiscard]] NameView view() const { return {octets_.data(), size_}; }
  [[nodiscard]] size_t size() const { return size_; }

  /// Puts one label in front. False, and nothing changed, when the name would be too long or the
  /// label is not 1–63 octets.
  bool prepend(std::string_view label);

  /// The same name with ASCII upper case folded (RFC 4343).
  [[nodiscard]] Name lowered() const {
    Name result;
    result.set_lowered(view());
    return result;
  }

  /// Becomes `wire`, which must be well formed, with ASCII upper case folded.
  void set_lowered(NameView wire);

  friend bool operator==(const Name& a, const Name& b) {
    return std::ranges::equal(a.view(), b.view());
  }

 private:
  uint8_t size_ = 1;
  std::array<uint8_t, kMaxNameSize> octets_;  // only the first size_ are set
};

/// `labels`, as in wire form but without a root, in front of `name`. Empty when that is longer than
/// 255 octets.
std::optional<Name> joined(std::span<const uint8_t> labels, NameView name);

/// Presentation form with a final dot. Octets that are not printable, and dots and backslashes
/// inside a label, are escaped, so that the text never breaks a log line or a metric label.
std::string to_text(NameView name);

/// Compares without regard to ASCII case (RFC 4343).
bool equal_ignoring_case(NameView a, NameView b);

/// True when `name` is `zone` or below it; both in the same case. A match is by label, never by
/// text.
bool is_at_or_below(NameView name, NameView zone);

/// How many labels, the root not counted.
size_t label_count(NameView name);

/// The address that a full reverse name spells: four octet labels under in-addr.arpa, 32 nibbles
/// under ip6.arpa. `name` is lower-cased. Empty for every other name.
std::optional<class IpAddress> address_from_reverse_name(NameView name);

/// True when `name` (lower-cased) lies at or below in-addr.arpa or ip6.arpa.
bool is_reverse_name(NameView name);

inline bool is_at_or_below_any(NameView name, std::span<const Name> zones) {
  for (const Name& zone : zones)
    if (is_at_or_below(name, zone.view())) return true;
  return false;
}

}  // namespace fairlead::dns
