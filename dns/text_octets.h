// Octets that are written as text: hexadecimal, base64, base32 with extended hex alphabet (RFC
// 4648), numbers, and lists of types. Appends to what is there; false when the text is none.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dns/types.h"

namespace fairlead::dns {

bool append_hex(std::string_view text, std::vector<uint8_t>& out);
bool append_base32(std::string_view text, std::vector<uint8_t>& out);

/// Base64 in pieces. finish() is false when the text ends within an octet or behind padding.
class Base64Reader {
 public:
  bool add(std::string_view text, std::vector<uint8_t>& out);
  [[nodiscard]] bool finish() const { return (digits_ + padding_) % 4 == 0; }

 private:
  uint32_t bits_ = 0;
  size_t digits_ = 0;
  size_t padding_ = 0;
};

/// Decimal digits only, at most `most`.
std::optional<uint32_t> number_from_text(std::string_view text, uint32_t most);

/// Seconds; with units "1w2d3h4m5s", in any case and order.
std::optional<uint32_t> period_from_text(std::string_view text);

/// YYYYMMDDHHmmSS, or seconds since 1970, as 32 bits (RFC 4034 §3.1.5).
std::optional<uint32_t> time_from_text(std::string_view text);

/// RFC 4034 §4.1.2. `types` is sorted.
void append_bitmap(std::span<RrType> types, std::vector<uint8_t>& out);

/// RFC 2535 §5.2: of types below 128 only.
bool append_low_bitmap(std::span<const RrType> types, std::vector<uint8_t>& out);

}  // namespace fairlead::dns
