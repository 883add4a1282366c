// The buckets of CoreDNS's histograms of durations: how long a question or an upstream took.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace fairlead::net {

/// Upper bounds: kFirstDuration × 2^k; one bucket more holds what is slower.
inline constexpr uint64_t kFirstDuration = 250'000;  // nanoseconds
inline constexpr size_t kDurationBounds = 16;

inline size_t duration_bucket(uint64_t nanoseconds) {
  if (nanoseconds <= kFirstDuration) return 0;
  return std::min(static_cast<size_t>(std::bit_width((nanoseconds - 1) / kFirstDuration)),
                  kDurationBounds);
}

}  // namespace fairlead::net
