// Time as the server reads it. A test can stop it and turn it by hand.
#pragma once

#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace fairlead::net {

/// Monotonic nanoseconds at which all clocks below stand; 0: they run, as they always do in the
/// server. Timers that have become due are seen when an io_context is next woken: a test that turns
/// the clock wakes it.
inline std::atomic<uint64_t> stopped_clock{0};

inline uint64_t read_clock(clockid_t clock) {
  if (const uint64_t at = stopped_clock.load(std::memory_order_relaxed); at != 0) return at;
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

/// The same as a clock of the standard library; what it counts in is the steady clock's.
struct Clock {
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr bool is_steady = true;

  static time_point now() noexcept { return time_point(std::chrono::nanoseconds(now_ns())); }
};

/// Time of day, to compare with the times of files. While the clocks stand it is that of a day in
/// November 2023.
inline std::chrono::system_clock::time_point time_of_day() {
  constexpr std::chrono::seconds kStoppedDay{1'700'000'000};
  const uint64_t at = stopped_clock.load(std::memory_order_relaxed);
  if (at == 0) return std::chrono::system_clock::now();
  return std::chrono::system_clock::time_point(kStoppedDay + std::chrono::nanoseconds(at));
}

}  // namespace fairlead::net
