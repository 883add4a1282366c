#include "test/scenarios/turned_clock.h"

#include <sched.h>

#include <algorithm>

#include "net/clock.h"

namespace fairlead::scenarios {
namespace {

constexpr uint64_t kStart = 1'000'000'000'000;  // any time but 0
constexpr std::chrono::milliseconds kStep{1};
constexpr int kMostSteps = 20'000;  // longer times are turned in larger steps
constexpr int kQuiet = 3;           // looks at which nothing has happened
constexpr int kMostRounds = 100'000;

}  // namespace

TurnedClock::TurnedClock() {
  net::stopped_clock = kStart;
}

TurnedClock::~TurnedClock() {
  net::stopped_clock = 0;
}

// Loopback delivers at once, but for a kernel that is busy: hence more than one look.
void TurnedClock::settle() {
  int quiet = 0;
  for (int i = 0; i < kMostRounds && quiet < kQuiet; ++i) {
    if (context_.poll() != 0) {
      quiet = 0;
      continue;
    }
    ++quiet;
    ::sched_yield();
  }
}

void TurnedClock::step(std::chrono::nanoseconds time) {
  net::stopped_clock += static_cast<uint64_t>(time.count());
  nudge_.expires_at(net::Clock::time_point());
  nudge_.async_wait([](const boost::system::error_code&) {});
  if (context_.poll() > 1) settle();  // most steps are nobody's: they must cost little
}

void TurnedClock::turn(std::chrono::nanoseconds time) {
  static_cast<void>(turn_until([] { return false; }, time));
}

std::chrono::nanoseconds TurnedClock::turn_until(const std::function<bool()>& done,
                                                 std::chrono::nanoseconds most) {
  const std::chrono::nanoseconds step_size =
      std::max<std::chrono::nanoseconds>(kStep, most / kMostSteps);
  std::chrono::nanoseconds turned{};
  settle();
  while (!done() && turned < most) {
    const auto next = std::min(step_size, most - turned);
    step(next);
    turned += next;
  }
  return turned;
}

}  // namespace fairlead::scenarios
