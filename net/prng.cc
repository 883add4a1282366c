#include "net/prng.h"

#include <bit>

#include "net/random.h"

namespace fairlead::net {

Prng::Prng(uint64_t seed) {
  for (uint64_t& word : state_) word = split_mix(seed);
}

Prng Prng::from_system() {
  return Prng(Random().u64());
}

uint64_t Prng::operator()() {
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
  return static_cast<uint32_t>((((*this)() >> 32) * bound) >> 32);
}

}  // namespace fairlead::net
