// A seeded hash for the cluster's names and addresses. The seed is drawn once for a store, so that
// nobody who may create objects can aim them at one bucket.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace fairlead::zones {

inline uint64_t fold_multiply(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t hash_octets(const void* data, size_t size, uint64_t seed) {
  const auto* at = static_cast<const uint8_t*>(data);
  uint64_t hash = seed ^ 0x9e3779b97f4a7c15 * (size + 1);
  for (; size >= 8; at += 8, size -= 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = fold_multiply(hash ^ word, 0xa0761d6478bd642f);
  }
  uint64_t tail = 0;
  std::memcpy(&tail, at, size);
  return fold_multiply(hash ^ tail, 0xe7037ed1a0b428db);
}

inline uint32_t fold32(uint64_t hash) {
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

inline uint32_t hash_text(std::string_view text, uint64_t seed) {
  return fold32(hash_octets(text.data(), text.size(), seed));
}

inline uint32_t hash_names(std::string_view namespace_name, std::string_view name, uint64_t seed) {
  const uint64_t first = hash_octets(namespace_name.data(), namespace_name.size(), seed);
  return fold32(hash_octets(name.data(), name.size(), first));
}

inline uint32_t hash_address(std::span<const uint8_t> octets, uint64_t seed) {
  return fold32(hash_octets(octets.data(), octets.size(), seed));
}

}  // namespace fairlead::zones
