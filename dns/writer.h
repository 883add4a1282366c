// Octets in network order into a buffer of limited size.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace fairlead::dns {

/// Writes where there is room for sure; returns what lies behind.
inline uint8_t* put16(uint8_t* at, uint32_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
  return at + 2;
}

inline uint8_t* put32(uint8_t* at, uint32_t value) {
  return put16(put16(at, value >> 16), value);
}

/// The reply being written. A write beyond the limit sets `full` and changes nothing.
struct Writer {
  std::span<uint8_t> out;
  size_t at = 0;
  bool full = false;

  bool room(size_t size) {
    full = full || size > out.size() - at;
    return !full;
  }
  void put16(uint32_t value) {
    if (!room(2)) return;
    out[at++] = static_cast<uint8_t>(value >> 8);
    out[at++] = static_cast<uint8_t>(value);
  }
  void put32(uint32_t value) {
    put16(value >> 16);
    put16(value & 0xffff);
  }
  void put(std::span<const uint8_t> octets) {
    if (!room(octets.size())) return;
    if (!octets.empty()) std::memcpy(out.data() + at, octets.data(), octets.size());
    at += octets.size();
  }
};

}  // namespace fairlead::dns
