// How long to wait after a failure.
#pragma once

#include <algorithm>
#include <chrono>

namespace fairlead::k8s_watch {

/// Exponential with full jitter: each wait is drawn from zero to a bound that doubles up to a cap.
/// The bound falls back to the first after two minutes without a failure.
class Backoff {
 public:
  using Clock = std::chrono::steady_clock;
  using Duration = std::chrono::milliseconds;

  explicit Backoff(Duration cap = kCap) : cap_(cap) {}

  /// `random` is in [0, 1).
  Duration next(Clock::time_point now, double random) {
    if (now - last_ > kHealthy) bound_ = kFirst;
    const auto wait = std::chrono::duration_cast<Duration>(bound_ * random);
    bound_ = std::min(bound_ * 2, cap_);
    last_ = now + wait;
    return std::max(wait, kLeast);
  }

 private:
  static constexpr Duration kFirst{800}, kCap{30'000}, kLeast{50};
  static constexpr std::chrono::minutes kHealthy{2};

  const Duration cap_;
  Duration bound_ = kFirst;
  Clock::time_point last_;
};

}  // namespace fairlead::k8s_watch
