// Time of day as records and logs have it.
#pragma once

#include <chrono>
#include <cstdint>

#include "net/clock.h"

namespace fairlead::net {

/// Seconds since 1970.
inline uint64_t seconds_since_1970(std::chrono::system_clock::time_point at = time_of_day()) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
}

/// The same with its fraction.
inline double unix_time(std::chrono::system_clock::time_point at = time_of_day()) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

/// Whole ones modulo 2^32 (RFC 4034 §3.1.5).
inline uint32_t unix_seconds(std::chrono::system_clock::time_point at = time_of_day()) {
  return static_cast<uint32_t>(seconds_since_1970(at));
}

}  // namespace fairlead::net
