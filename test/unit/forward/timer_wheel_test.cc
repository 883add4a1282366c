#include "forward/timer_wheel.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace fairlead::forward {
namespace {

using std::chrono::milliseconds;
using Clock = TimerWheel::Clock;

const Clock::time_point kStart{milliseconds(1'234'567)};

TEST_CASE("timer wheel: deadlines come in order, none early, none more than two ticks late") {
  std::mt19937 random(7);  // NOLINT: the same deadlines in every run
  TimerWheel wheel(kStart);
  std::vector<Timer> timers(500);
  for (Timer& t : timers) wheel.set(t, kStart + milliseconds(random() % 30'000));
  size_t taken = 0;
  for (milliseconds at{0}; at < milliseconds(31'000); at += milliseconds(1)) {
    const Clock::time_point now = kStart + at;
    const auto next = wheel.next();
    Timer* t = wheel.take_due(now);
    if (t != nullptr) {
      REQUIRE(next);
      CHECK(*next <= now);
    }
    for (; t != nullptr; t = wheel.take_due(now)) {
      ++taken;
      CHECK(t->due <= now);
      CHECK(now - t->due <= 2 * TimerWheel::kTick);
      CHECK_FALSE(t->is_set());
    }
  }
  CHECK(taken == timers.size());
  CHECK_FALSE(wheel.next());
}

TEST_CASE("timer wheel: cancelled and moved deadlines") {
  TimerWheel wheel(kStart);
  Timer a, b, c;
  for (Timer* t : {&a, &b, &c}) wheel.set(*t, kStart + milliseconds(100));
  wheel.cancel(b);
  wheel.cancel(b);
  wheel.set(c, kStart + milliseconds(200));
  CHECK(wheel.take_due(kStart + milliseconds(110)) == &a);
  CHECK(wheel.take_due(kStart + milliseconds(110)) == nullptr);
  CHECK(wheel.take_due(kStart + milliseconds(210)) == &c);
  CHECK_FALSE(wheel.next());
}

TEST_CASE(
    "timer wheel: a deadline that has passed comes with the next tick, after a long pause too") {
  TimerWheel wheel(kStart);
  Timer t;
  const Clock::time_point late = kStart + std::chrono::hours(3);
  CHECK(wheel.take_due(late) == nullptr);
  wheel.set(t, kStart);
  CHECK(wheel.take_due(late) == nullptr);
  CHECK(wheel.take_due(late + TimerWheel::kTick) == &t);
}

TEST_CASE("timer wheel: one farther away than the wheel reaches is not lost") {
  TimerWheel wheel(kStart);
  Timer t;
  const Clock::time_point due = kStart + std::chrono::minutes(5);
  wheel.set(t, due);
  size_t looks = 0;
  for (auto next = wheel.next(); next && *next < due; next = wheel.next(), ++looks) {
    CHECK(wheel.take_due(*next) == nullptr);
  }
  CHECK(looks < 60);
  CHECK(wheel.take_due(due + 2 * TimerWheel::kTick) == &t);
}

}  // namespace
}  // namespace fairlead::forward
