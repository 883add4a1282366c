// SipHash-2-4 (Aumasson, Bernstein, 2012): a keyed hash for tables whose keys strangers choose.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace fairlead::dns {

/// 128 bits that nobody outside the process knows.
struct HashKey {
  uint64_t low = 0;
  uint64_t high = 0;
};

namespace internal {

struct SipState {
  uint64_t v0, v1, v2, v3;

  void rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v0 += v1;
      v2 += v3;
      v1 = std::rotl(v1, 13) ^ v0;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 = std::rotl(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = std::rotl(v1, 17) ^ v2;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 = std::rotl(v2, 32);
    }
  }
  void absorb(uint64_t word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
};

}  // namespace internal

inline uint64_t siphash(const HashKey& key, std::span<const uint8_t> octets) {
  static_assert(std::endian::native == std::endian::little);
  internal::SipState state{key.low ^ 0x736f6d6570736575, key.high ^ 0x646f72616e646f6d,
                           key.low ^ 0x6c7967656e657261, key.high ^ 0x7465646279746573};
  size_t at = 0;
  for (; at + 8 <= octets.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, octets.data() + at, 8);
    state.absorb(word);
  }
  uint64_t last = static_cast<uint64_t>(octets.size()) << 56;
  for (size_t i = at; i < octets.size(); ++i) {
    last |= static_cast<uint64_t>(octets[i]) << (8 * (i - at));
  }
  state.absorb(last);
  state.v2 ^= 0xff;
  state.rounds(4);
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace fairlead::dns
