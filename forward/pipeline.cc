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

std::optional<Pipeline::Time> Pipeline::give_up(uint32_t query) {
  const auto found = std::ranges::find_if(
      sent_, [query](const Sent& sent) { return !sent.given_up && sent.query == query; });
  if (found == sent_.end()) return std::nullopt;
  found->given_up = true;
  --waiting_;
  return found->since;
}

bool Pipeline::holds_up(Time now, std::chrono::nanoseconds usual) const {
  if (sent_.empty()) return false;
  const Time first = sent_.front().since;
  return now - (overtakes_ ? std::max(first, last_reply_) : first) >= usual;
}

std::optional<uint32_t> Pipeline::held_up(Time now, std::chrono::nanoseconds usual) const {
  if (!holds_up(now, usual)) return std::nullopt;
  for (size_t i = 1; i < sent_.size() && now - sent_[i].since >= usual; ++i) {
    if (!sent_[i].given_up) return sent_[i].query;
  }
  return std::nullopt;
}

bool Pipeline::has_behind() const {
  return !sent_.empty() && waiting_ > (sent_.front().given_up ? 0U : 1U);
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
