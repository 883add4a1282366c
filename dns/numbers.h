// Numbers in network order where they stand in octets that are complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fairlead::dns {

/// Of at most eight octets.
inline uint64_t number_of(std::span<const uint8_t> octets) {
  uint64_t value = 0;
  for (const uint8_t octet : octets) value = value << 8 | octet;
  return value;
}

/// What an SOA record's rdata ends with: serial, refresh, retry, expire and minimum, four octets
/// each (RFC 1035 §3.3.13).
inline constexpr size_t kSoaNumbers = 20;

inline uint32_t soa_serial(std::span<const uint8_t> rdata) {
  return static_cast<uint32_t>(number_of(rdata.last(kSoaNumbers).first(4)));
}
inline uint32_t soa_minimum(std::span<const uint8_t> rdata) {
  return static_cast<uint32_t>(number_of(rdata.last(4)));
}

/// `serial` is newer than `than` (RFC 1982 §3.2); of two that are 2^31 apart neither is.
constexpr bool is_newer(uint32_t serial, uint32_t than) {
  return serial != than && serial - than < uint32_t{1} << 31;
}

}  // namespace fairlead::dns
