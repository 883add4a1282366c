#include "forward/outage.h"

namespace fairlead::forward {

void Outage::goes_on(Time now, std::string_view why) {
  const std::lock_guard lock(mutex_);
  since_.why = why;
  if (!down_.load(std::memory_order_relaxed)) {
    since_.began = now;
    told_ = false;
    down_.store(true, std::memory_order_relaxed);
  }
  if (told_ || (last_told_ && now - *last_told_ < kAgain)) return;
  told_ = true;
  last_told_ = now;
  if (tell_) tell_({.upstream = upstream_, .down = true, .why = why});
}

void Outage::end(Time now) {
  const std::lock_guard lock(mutex_);
  if (!down_.load(std::memory_order_relaxed)) return;
  down_.store(false, std::memory_order_relaxed);
  if (told_ && tell_) tell_({.upstream = upstream_, .lasted = now - since_.began});
}

std::optional<Outage::Since> Outage::since() const {
  const std::lock_guard lock(mutex_);
  if (!down_.load(std::memory_order_relaxed)) return std::nullopt;
  return since_;
}

}  // namespace fairlead::forward
