// Random numbers for what nobody must guess but no secret depends on: orders, choices, jitter.
#pragma once

#include <cstdint>

namespace fairlead::net {

/// xoshiro256++ (Blackman, Vigna): fast and good enough for an order that nobody must guess. One
/// per worker, not thread safe.
class Prng {
 public:
  explicit Prng(uint64_t seed);

  /// Seeded by the kernel.
  static Prng from_system();

  /// A number below `bound`, which is not 0.
  uint32_t below(uint32_t bound);

  /// 64 random bits.
  uint64_t next();

 private:
  uint64_t state_[4];
};

}  // namespace fairlead::net
