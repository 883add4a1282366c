#include "query/waiting.h"

#include <chrono>
#include <utility>

#include "net/clock.h"

namespace fairlead::query {

WaitingWalks::WaitingWalks(WalkOwner& owner, WorkerView& worker, Late late)
    : owner_(owner), worker_(worker), late_(std::move(late)), timer_(worker.context()) {}

Walk& WaitingWalks::take() {
  if (free_.empty()) free_.push_back(&walks_.emplace_back(owner_, worker_));
  Walk* walk = free_.back();
  free_.pop_back();
  return *walk;
}

void WaitingWalks::add(Walk& walk) {
  if (!walk.counted_) ++waiting_;
  walk.counted_ = true;
  forget_time(walk);
  const uint64_t at = walk.next_late();
  if (at == 0) return;
  walk.late_at_ = times_.emplace(at, &walk);
  if (*walk.late_at_ == times_.begin()) watch();
}

void WaitingWalks::release(Walk& walk) {
  if (walk.counted_) --waiting_;
  walk.counted_ = false;
  forget_time(walk);
  walk.end();
  free_.push_back(&walk);
}

void WaitingWalks::forget_time(Walk& walk) {
  if (walk.late_at_) times_.erase(*walk.late_at_);
  walk.late_at_.reset();
}

void WaitingWalks::watch() {
  if (times_.empty()) return;
  const uint64_t now = net::now_ns();
  const uint64_t at = times_.begin()->first;
  timer_.expires_after(std::chrono::nanoseconds(at > now ? at - now : 0));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) tell();
  });
}

void WaitingWalks::tell() {
  const uint64_t now = net::now_ns();
  while (!times_.empty() && times_.begin()->first <= now) {
    Walk& walk = *times_.begin()->second;
    forget_time(walk);
    late_(walk, now);
  }
  watch();
}

}  // namespace fairlead::query
