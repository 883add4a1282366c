#include "forward/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace fairlead::forward {
namespace {

int64_t tick_of(TimerWheel::Clock::time_point t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()) /
         TimerWheel::kTick;
}

}  // namespace

TimerWheel::TimerWheel(Clock::time_point now) : tick_(tick_of(now)) {}

void TimerWheel::set(Timer& timer, Clock::time_point due) {
  cancel(timer);
  timer.due = due;
  link(timer);
}

void TimerWheel::link(Timer& timer) {
  // The tick behind the deadline: never too early.
  const int64_t wanted = tick_of(timer.due) + 1;
  const int64_t tick = std::clamp<int64_t>(wanted, tick_ + 1, tick_ + int64_t{kSlots} - 1);
  timer.slot = static_cast<uint16_t>(tick % int64_t{kSlots});
  Timer*& head = slots_[timer.slot];
  timer.next = head;
  timer.previous_next = &head;
  if (head != nullptr) head->previous_next = &timer.next;
  head = &timer;
  used_[timer.slot / 64] |= uint64_t{1} << (timer.slot % 64);
}

void TimerWheel::cancel(Timer& timer) {
  if (!timer.is_set()) return;
  *timer.previous_next = timer.next;
  if (timer.next != nullptr) timer.next->previous_next = timer.previous_next;
  timer.previous_next = nullptr;
  if (slots_[timer.slot] == nullptr) {
    used_[timer.slot / 64] &= ~(uint64_t{1} << (timer.slot % 64));
  }
}

Timer* TimerWheel::take_due(Clock::time_point now) {
  const int64_t last = tick_of(now);
  while (tick_ < last) {
    Timer* timer = slots_[static_cast<size_t>((tick_ + 1) % int64_t{kSlots})];
    if (timer == nullptr) {
      ++tick_;
      continue;
    }
    cancel(*timer);
    if (tick_of(timer->due) < last) return timer;
    // It was too far away for the wheel. Its slot is behind the current one now.
    ++tick_;
    link(*timer);
    --tick_;
  }
  return nullptr;
}

std::optional<TimerWheel::Clock::time_point> TimerWheel::next() const {
  const auto first = static_cast<size_t>((tick_ + 1) % int64_t{kSlots});
  for (size_t i = 0; i <= used_.size(); ++i) {
    const size_t word = (first / 64 + i) % used_.size();
    uint64_t bits = used_[word];
    // The first word's lower bits are the farthest slots: they come last.
    if (i == 0) bits &= ~uint64_t{0} << (first % 64);
    if (bits == 0) continue;
    const size_t slot = word * 64 + static_cast<size_t>(std::countr_zero(bits));
    const auto ahead = static_cast<int64_t>((slot + kSlots - first) % kSlots);
    return Clock::time_point((tick_ + 1 + ahead) * kTick);
  }
  return std::nullopt;
}

}  // namespace fairlead::forward
