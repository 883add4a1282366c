#include "query/lookahead.h"

#include <algorithm>

namespace fairlead::query {

void QueryLookahead::read(std::span<const net::Request> requests, const Routing& routing,
                          const Live& live) {
  next_ = 0;
  count_ = std::min(requests.size(), entries_.size());
  for (size_t i = 0; i < count_; ++i) {
    Entry& entry = entries_[i];
    entry.packet = requests[i].packet;
    entry.walk.clear();
    entry.parsed = dns::parse_query(entry.packet, requests[i].transport, entry.query);
    if (entry.parsed.verdict != dns::Verdict::Answer) continue;
    entry.served = routing.find(requests[i].listener, {entry.query, requests[i], live});
    if (entry.served == nullptr) continue;
    for (const Step* step : entry.served->block->fetching)
      step->look_ahead(entry.query, live, entry.walk);
  }
  for (int step = 1; step <= zones::Lookahead::kSteps; ++step) {
    for (size_t i = 0; i < count_; ++i) entries_[i].walk.step(step);
  }
}

QueryLookahead::Entry* QueryLookahead::take(const net::Request& request) {
  if (next_ == count_ || entries_[next_].packet.data() != request.packet.data()) return nullptr;
  return &entries_[next_++];
}

}  // namespace fairlead::query
