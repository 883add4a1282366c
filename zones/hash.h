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

/// fold32() of it is hash_text().
inline uint64_t hash_namespace(std::string_view name, uint64_t seed) {
  return dns::hash_octets(name.data(), name.size(), seed);
}

/// `in_namespace` is of hash_namespace().
inline uint32_t hash_in_namespace(std::string_view name, uint64_t in_namespace) {
  return fold32(dns::hash_octets(name.data(), name.size(), in_namespace));
}

inline uint32_t hash_names(std::string_view namespace_name, std::string_view name, uint64_t seed) {
  return hash_in_namespace(name, hash_namespace(namespace_name, seed));
}

inline uint32_t hash_address(std::span<const uint8_t> octets, uint64_t seed) {
  return fold32(dns::hash_octets(octets.data(), octets.size(), seed));
}

}  // namespace fairlead::zones
