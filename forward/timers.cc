// All deadlines of one worker's questions, behind one timer of the event loop.
#include <algorithm>

#include "forward/asking.h"

namespace fairlead::forward {
namespace {

constexpr std::chrono::seconds kSweepEvery{5};

}  // namespace

void Asking::set_timer(Timer& timer, TimerKind kind, Time due) {
  timer.kind = static_cast<uint8_t>(kind);
  wheel_.set(timer, due);
}

void Asking::arm() {
  const auto next = wheel_.next();
  if (!next || *next >= armed_) return;
  armed_ = *next;
  timer_.expires_at(armed_);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
    const auto self = weak.lock();
    if (ec || self == nullptr || self->stopped_) return;
    self->on_timer();
  });
}

void Asking::on_timer() {
  armed_ = Time::max();
  const Time now = Timer::Clock::now();
  for (Timer* t = wheel_.take_due(now); t != nullptr; t = wheel_.take_due(now)) run(*t, now);
  arm();
}

void Asking::run(Timer& timer, Time now) {
  switch (static_cast<TimerKind>(timer.kind)) {
    case TimerKind::Question:
      return on_question_timer(*static_cast<Exchange*>(timer.owner), now);
    case TimerKind::Probe:
      return on_probe_timer(*static_cast<Exchange*>(timer.owner), now);
    case TimerKind::Retire: {
      Link& link = *static_cast<Link*>(timer.owner);
      if (!udp_->retire(link.udp, now)) set_timer(timer, TimerKind::Retire, now + kUdpSocketLife);
      return;
    }
    case TimerKind::Sweep:
      return sweep(now);
  }
}

/// Gives up what belongs to groups that are gone, once their last question has ended.
void Asking::sweep(Time now) {
  std::erase_if(links_, [&](const std::unique_ptr<Links>& links) {
    if (links->active != 0 || !links->group.expired()) return false;
    forget(*links, now);
    return true;
  });
  if (!links_.empty()) set_timer(sweep_, TimerKind::Sweep, now + kSweepEvery);
}

void Asking::forget(Links& links, Time now) {
  for (const auto& link : links.all) {
    if (link->probe != nullptr) end_probe(*link->probe, false, now);
    wheel_.cancel(link->retire);
    udp_->forget(link->udp);
  }
}

}  // namespace fairlead::forward
