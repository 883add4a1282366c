// Many deadlines behind one timer: setting and taking back one costs a few pointers.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "net/clock.h"

namespace fairlead::forward {

/// One deadline; lives in what it wakes. Must be cancelled before it is destroyed.
struct Timer {
  using Clock = net::Clock;

  [[nodiscard]] bool is_set() const { return previous_next != nullptr; }

  void* owner = nullptr;  // the caller's, as is `kind`
  uint8_t kind = 0;

  // The wheel's.
  Clock::time_point due;
  Timer* next = nullptr;
  Timer** previous_next = nullptr;  // what points here; null while not set
  uint16_t slot = 0;
};

/// A hashed timing wheel (Varghese, Lauck: "Hashed and Hierarchical Timing Wheels"). One thread.
class TimerWheel {
 public:
  using Clock = Timer::Clock;
  static constexpr std::chrono::milliseconds kTick{2};  // no deadline is later than this

  explicit TimerWheel(Clock::time_point now);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// Sets or moves a deadline. One that has passed comes with the next tick.
  void set(Timer& timer, Clock::time_point due);
  void cancel(Timer& timer);

  /// Takes out one deadline that has passed; null for none.
  Timer* take_due(Clock::time_point now);

  /// When to look again: not after the earliest deadline; empty when there is none.
  [[nodiscard]] std::optional<Clock::time_point> next() const;

 private:
  static constexpr size_t kSlots = 4096;  // 8 s; a later deadline is moved on when its slot comes

  void link(Timer& timer);

  int64_t tick_;  // all deadlines up to this tick have been taken
  std::array<Timer*, kSlots> slots_{};
  std::array<uint64_t, kSlots / 64> used_{};
};

}  // namespace fairlead::forward
