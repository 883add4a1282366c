// A seeded hash for the cluster's names and addresses. The seed is drawn once for a store, so that
// nobody who may create objects can aim them at one bucket.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dns/hash.h"

namespace fairlead::zones {

inline uint32_t fold32(uint64_t hash) {
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

inline uint32_t hash_text(std::string_view text, uint64_t seed) {
  return fold32(dns::hash_octets(text.data(), text.size(), seed));
}

inline uint32_t hash_names(std::string_view namespace_name, std::string_view name, uint64_t seed) {
  const uint64_t first = dns::hash_octets(namespace_name.data(), namespace_name.size(), seed);
  return fold32(dns::hash_octets(name.data(), name.size(), first));
}

inline uint32_t hash_address(std::span<const uint8_t> octets, uint64_t seed) {
  return fold32(dns::hash_octets(octets.data(), octets.size(), seed));
}

}  // namespace fairlead::zones
