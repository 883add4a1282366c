// Why a server could not answer, as it says in the OPT record (RFC 8914).
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace fairlead::dns {

/// What the answer is made from has not been read yet (RFC 8914 §4.15).
inline constexpr uint16_t kNotReady = 14;

/// "15 (text)" from the first extended error of a response, or its code alone when it has no text;
/// octets that are not printable ASCII become '?'. Empty without one, or when the message cannot be
/// read.
std::string read_extended_error(std::span<const uint8_t> packet);

}  // namespace fairlead::dns
