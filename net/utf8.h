// Characters of UTF-8 (RFC 3629).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::net {

/// What takes the place of an octet that belongs to no character: U+FFFD.
inline constexpr std::string_view kReplacementCharacter = "\xef\xbf\xbd";

/// How many octets the character at `at`, which is less than the size of `text`, has; 0 when it is
/// none (§4).
size_t utf8_size(std::string_view text, size_t at);

/// Appends the character with the number `code`, at most 0x10ffff.
void append_utf8(uint32_t code, std::string& out);

}  // namespace fairlead::net
