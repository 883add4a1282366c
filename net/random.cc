#include "net/random.h"

#include <sys/random.h>

#include <cstring>

namespace fairlead::net {
namespace {

template <typename T, size_t kSize>
T take(std::array<uint8_t, kSize>& pool, size_t& used) {
  T value{};
  std::memcpy(&value, pool.data() + used, sizeof value);
  std::memset(pool.data() + used, 0, sizeof value);
  used += sizeof value;
  return value;
}

}  // namespace

// Requests of up to 256 octets never fail and are never cut short once the kernel's pool is
// initialized (getrandom(2)); before that they may be interrupted.
void Random::fill() {
  constexpr size_t kWhole = 256;
  for (size_t at = 0; at < pool_.size();) {
    const ssize_t n = ::getrandom(pool_.data() + at, kWhole, 0);
    if (n > 0) at += static_cast<size_t>(n);
  }
  used_ = 0;
}

uint16_t Random::u16() {
  if (used_ + sizeof(uint16_t) > pool_.size()) fill();
  return take<uint16_t>(pool_, used_);
}

uint64_t Random::u64() {
  if (used_ + sizeof(uint64_t) > pool_.size()) fill();
  return take<uint64_t>(pool_, used_);
}

uint32_t Random::below(uint32_t bound) {
  // Numbers above the largest multiple of the bound would favour the small ones.
  const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  uint64_t value = u64();
  while (value >= limit) value = u64();
  return static_cast<uint32_t>(value % bound);
}

}  // namespace fairlead::net
