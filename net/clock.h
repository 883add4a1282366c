// Monotonic time, as the query path reads it.
#pragma once

#include <time.h>

#include <chrono>
#include <cstdint>

namespace fairlead::net {

inline uint64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

/// Nanoseconds.
inline uint64_t now_ns() {
  return read_clock(CLOCK_MONOTONIC);
}

/// The cache's time: a few milliseconds late at most, for a third of the price.
inline std::chrono::nanoseconds cache_now() {
  return std::chrono::nanoseconds(read_clock(CLOCK_MONOTONIC_COARSE));
}

}  // namespace fairlead::net
