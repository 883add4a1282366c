// The time of a scenario: it stands still until the scenario turns it. One event loop runs
// everything that happens meanwhile, on the scenario's own thread.
#pragma once

#include <chrono>
#include <functional>

#include "net/asio.h"

namespace fairlead::scenarios {

/// One at a time: net::stopped_clock is the process's.
class TurnedClock {
 public:
  TurnedClock();
  ~TurnedClock();
  TurnedClock(const TurnedClock&) = delete;
  TurnedClock& operator=(const TurnedClock&) = delete;

  [[nodiscard]] asio::io_context& context() { return context_; }

  /// Runs what is due, and what follows from it, until nothing happens any more.
  void settle();

  /// Turns the clock on by `time`, in steps small enough to see everything happen in its order.
  void turn(std::chrono::nanoseconds time);

  /// Turns it until `done` or the time is over; how long that took.
  std::chrono::nanoseconds turn_until(const std::function<bool()>& done,
                                      std::chrono::nanoseconds most);

 private:
  void step(std::chrono::nanoseconds time);

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  net::Timer nudge_{context_};  // the loop looks at its timers only when one wakes it
};

}  // namespace fairlead::scenarios
