// Since when an upstream is down and why, and who is told of it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "net/clock.h"

namespace fairlead::forward {

/// What an operator is told: that an upstream has gone down, or that it is back.
struct HealthChange {
  const std::string& upstream;  // "10.0.0.2:53"
  bool down = false;
  std::string_view why;               // of one that is down: how the last question failed
  std::chrono::nanoseconds lasted{};  // of one that is back: how long it was down
};

/// Called on the thread that has seen it, with a lock held: quick, and no way back in here.
using HealthListener = std::function<void(const HealthChange&)>;

/// Of one upstream. Any thread; the lock is taken only while it is down.
class Outage {
 public:
  using Time = net::Clock::time_point;

  struct Since {
    Time began;
    std::string why;  // the last failure's
  };

  /// One that comes and goes is told down and back once in this time. What lasts is told.
  static constexpr std::chrono::seconds kAgain{60};

  Outage(const std::string& upstream, HealthListener tell)
      : upstream_(upstream), tell_(std::move(tell)) {}

  /// A question has failed, and it is down.
  void goes_on(Time now, std::string_view why);

  /// It has replied. A plain load while it is up.
  void over(Time now) {
    if (down_.load(std::memory_order_relaxed)) end(now);
  }

  [[nodiscard]] std::optional<Since> since() const;

 private:
  void end(Time now);

  const std::string& upstream_;
  const HealthListener tell_;
  std::atomic<bool> down_ = false;

  mutable std::mutex mutex_;
  Since since_;
  bool told_ = false;  // of this one
  std::optional<Time> last_told_;
};

}  // namespace fairlead::forward
