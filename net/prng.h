// Random numbers for what nobody must guess but no secret depends on: orders, choices, jitter.
#pragma once

#include <cstdint>

namespace fairlead::net {

/// splitmix64 (Steele, Lea, Flood): a number each time, all of them from one.
inline uint64_t split_mix(uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/// xoshiro256++ (Blackman, Vigna): fast and good enough for an order that nobody must guess. One
/// per worker, not thread safe.
class Prng {
 public:
  explicit Prng(uint64_t seed);

  /// Seeded by the kernel.
  static Prng from_system();

  /// 64 random bits, also for the distributions of <random>.
  using result_type = uint64_t;
  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return UINT64_MAX; }
  uint64_t operator()();

  /// A number below `bound`, which is not 0.
  uint32_t below(uint32_t bound);

 private:
  uint64_t state_[4];
};

}  // namespace fairlead::net
