// How long a copy of a zone may be served.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "net/clock.h"

namespace fairlead::records {

/// Set by whoever follows the zone, for those who hand it on. Any thread.
class Lifetime {
 public:
  void end_at(net::Clock::time_point end) {
    end_.store(end.time_since_epoch().count(), std::memory_order_relaxed);
  }

  /// In whole seconds, rounded down: who copies the copy must not have it for longer.
  [[nodiscard]] uint32_t seconds_left() const {
    const net::Clock::duration end(end_.load(std::memory_order_relaxed));
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(
        end - net::Clock::now().time_since_epoch());
    return static_cast<uint32_t>(std::clamp<int64_t>(left.count(), 0, UINT32_MAX));
  }

 private:
  std::atomic<net::Clock::rep> end_ = 0;
};

}  // namespace fairlead::records
