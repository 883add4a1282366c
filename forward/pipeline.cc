#include "forward/pipeline.h"

#include <algorithm>

namespace fairlead::forward {

uint16_t Pipeline::add(uint32_t query, net::Random& random, Time now) {
  uint16_t id = random.u16();
  while (std::ranges::find(sent_, id, &Sent::id) != sent_.end()) id = random.u16();
  sent_.push_back({.id = id, .given_up = false, .query = query, .since = now});
  ++waiting_;
  return id;
}

void Pipeline::restart(Time now) {
  for (Sent& sent : sent_) sent.since = now;
}

std::optional<uint32_t> Pipeline::answer(uint16_t id, Time now) {
  const auto found = std::ranges::find(sent_, id, &Sent::id);
  if (found == sent_.end()) return std::nullopt;
  const Sent sent = *found;
  if (found != sent_.begin()) overtakes_ = true;
  sent_.erase(found);
  last_reply_ = now;
  if (sent.given_up) return std::nullopt;
  --waiting_;
  return sent.query;
}

std::optional<Pipeline::GivenUp> Pipeline::give_up(uint32_t query) {
  const auto found = std::ranges::find_if(
      sent_, [query](const Sent& sent) { return !sent.given_up && sent.query == query; });
  if (found == sent_.end()) return std::nullopt;
  found->given_up = true;
  --waiting_;
  return GivenUp{.id = found->id, .since = found->since};
}

void Pipeline::forget(uint16_t id) {
  const auto found = std::ranges::find(sent_, id, &Sent::id);
  if (found == sent_.end()) return;
  if (!found->given_up) --waiting_;
  sent_.erase(found);
}

bool Pipeline::holds_up(Time now, std::chrono::nanoseconds usual) const {
  if (sent_.empty()) return false;
  if (width_ != 0) return sent_.size() >= width_;
  const Time first = sent_.front().since;
  return now - (overtakes_ ? std::max(first, last_reply_) : first) >= usual;
}

std::optional<uint32_t> Pipeline::held_up(Time now, std::chrono::nanoseconds usual) const {
  if (!holds_up(now, usual)) return std::nullopt;
  const bool known = width_ != 0;
  for (size_t i = known ? width_ : 1; i < sent_.size(); ++i) {
    if (!known && now - sent_[i].since < usual) break;
    if (!sent_[i].given_up) return sent_[i].query;
  }
  return std::nullopt;
}

bool Pipeline::has_behind() const {
  if (width_ != 0) {
    return sent_.size() > width_ &&
           std::any_of(sent_.begin() + static_cast<ptrdiff_t>(width_), sent_.end(),
                       [](const Sent& sent) { return !sent.given_up; });
  }
  return !sent_.empty() && waiting_ > (sent_.front().given_up ? 0U : 1U);
}

std::optional<Pipeline::Time> Pipeline::blocked_since() const {
  if (width_ != 1 || sent_.empty() || !sent_.front().given_up) return std::nullopt;
  return sent_.front().since;
}

std::vector<uint32_t> Pipeline::queries() const {
  std::vector<uint32_t> out;
  for (const Sent& sent : sent_) {
    if (!sent.given_up) out.push_back(sent.query);
  }
  return out;
}

Pipeline::Time Pipeline::waiting_since() const {
  const auto first = std::ranges::find(sent_, false, &Sent::given_up);
  return first != sent_.end() ? first->since : Time();
}

}  // namespace fairlead::forward
