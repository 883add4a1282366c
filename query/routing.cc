#include "query/routing.h"

#include <algorithm>
#include <utility>

namespace fairlead::query {

void Routing::add(uint32_t listener, ServedZone zone) {
  auto& zones = listeners_[listener].zones;
  const size_t size = zone.zone.size();
  const auto behind = std::ranges::find_if(
      zones, [&](const ServedZone& other) { return other.zone.size() < size; });
  zones.insert(behind, std::move(zone));
}

const ServedZone* Routing::find(uint32_t listener, const dns::Query& query) const {
  if (query.qclass != dns::RrClass::In) return nullptr;
  const auto known = listeners_.find(listener);
  if (known == listeners_.end()) return nullptr;
  const ServedZone* found = nullptr;
  for (const ServedZone& served : known->second.zones) {
    if (!dns::is_at_or_below(query.lower_qname.view(), served.zone.view())) continue;
    if (query.qtype != dns::RrType::Ds) return &served;
    const bool root = served.zone.size() == 1;
    if (found == nullptr || !root) found = &served;
  }
  return found;
}

metrics::BlockCounters* Routing::dropped(uint32_t listener) const {
  const auto known = listeners_.find(listener);
  return known == listeners_.end() ? nullptr : known->second.dropped;
}

}  // namespace fairlead::query
