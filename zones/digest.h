// What stands for the key of an object of which there are many.
#pragma once

#include <cstdint>

namespace fairlead::zones {

/// Whoever names objects does not know the keys of the hash and cannot make two meet; by chance
/// they do once in 2^128.
struct Digest {
  uint64_t low = 0, high = 0;

  friend bool operator==(const Digest&, const Digest&) = default;
};

}  // namespace fairlead::zones
