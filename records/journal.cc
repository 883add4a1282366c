#include "records/journal.h"

#include <algorithm>
#include <utility>

namespace fairlead::records {
namespace {

size_t size_of(const JournalStep& step) {
  return sizeof(JournalStep) + step.octets.size();
}

}  // namespace

void Journal::add(JournalStepPtr step, size_t most) {
  const std::lock_guard lock(mutex_);
  if (!steps_.empty() && steps_.back()->to != step->from)
    while (!steps_.empty()) drop_oldest();
  octets_ += size_of(*step);
  counts_->octets += size_of(*step);
  ++counts_->steps;
  steps_.push_back(std::move(step));
  while (!steps_.empty() && (octets_ > std::min(most, most_) || steps_.size() > kMostSteps)) {
    drop_oldest();
    ++counts_->overruns;
  }
}

void Journal::clear() {
  const std::lock_guard lock(mutex_);
  while (!steps_.empty()) drop_oldest();
}

void Journal::drop_oldest() {
  const size_t size = size_of(*steps_.front());
  octets_ -= size;
  counts_->octets -= size;
  --counts_->steps;
  steps_.pop_front();
}

// From behind: nearly all have one of the last versions.
std::vector<JournalStepPtr> Journal::steps(uint32_t from, uint32_t to) const {
  const std::lock_guard lock(mutex_);
  const auto leads_to = [](const JournalStepPtr& step) { return step->to; };
  const auto begins_at = [](const JournalStepPtr& step) { return step->from; };
  const auto end = std::ranges::find(steps_.rbegin(), steps_.rend(), to, leads_to);
  const auto begin = std::ranges::find(end, steps_.rend(), from, begins_at);
  if (begin == steps_.rend()) return {};
  return {begin.base() - 1, end.base()};
}

}  // namespace fairlead::records
