#include "net/prng.h"

#include <sys/random.h>

#include <bit>
#include <chrono>

namespace fairlead::net {
namespace {

// splitmix64 (Steele, Lea, Flood): spreads one seed over the generator's state.
uint64_t spread(uint64_t& seed) {
  seed += 0x9e3779b97f4a7c15;
  uint64_t z = seed;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Prng::Prng(uint64_t seed) {
  for (uint64_t& word : state_) word = spread(seed);
}

Prng Prng::from_system() {
  uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) {
    seed = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }
  return Prng(seed);
}

uint64_t Prng::next() {
  const uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

// The high half of a product (Lemire): its bias, below bound / 2^32, is of no matter for an order.
uint32_t Prng::below(uint32_t bound) {
  return static_cast<uint32_t>(((next() >> 32) * bound) >> 32);
}

}  // namespace fairlead::net
