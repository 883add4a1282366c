// A fast hash of octets for tables. Whoever may choose what is hashed must not know the seed;
// against those who see the order of a table's answers there is dns/siphash.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace fairlead::dns {

template <typename Word>
uint64_t load_word(const uint8_t* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

inline uint64_t fold_multiply(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// Eight octets at a time; what is left is read as words that may overlap, which the size makes
/// unique.
inline uint64_t hash_octets(const void* data, size_t size, uint64_t seed) {
  const auto* at = static_cast<const uint8_t*>(data);
  uint64_t hash = seed ^ 0x9e3779b97f4a7c15 * (size + 1);
  const uint8_t* const end = at + size;
  for (; end - at > 8; at += 8)
    hash = fold_multiply(hash ^ load_word<uint64_t>(at), 0xa0761d6478bd642f);
  uint64_t tail = 0;
  if (size >= 8) {
    tail = load_word<uint64_t>(end - 8);
  } else if (size >= 4) {
    tail = load_word<uint32_t>(at) << 32 | load_word<uint32_t>(end - 4);
  } else if (size > 0) {
    tail = uint64_t{at[0]} << 16 | uint64_t{at[size / 2]} << 8 | end[-1];
  }
  return fold_multiply(hash ^ tail, 0xe7037ed1a0b428db);
}

}  // namespace fairlead::dns
