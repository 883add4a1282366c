#include "query/routing.h"

#include <algorithm>
#include <utility>

namespace fairlead::query {

void Routing::add(uint32_t listener, ServedZone zone) {
  Listener& at = listeners_[listener];
  at.other_classes = at.other_classes || zone.block->other_classes;
  const size_t size = zone.zone.size();
  const auto behind = std::ranges::find_if(
      at.zones, [&](const ServedZone& other) { return other.zone.size() < size; });
  at.zones.insert(behind, std::move(zone));
}

// Null where nobody is to be asked.
const Routing::Listener* Routing::listener_for(uint32_t listener, const dns::Query& query) const {
  const auto known = listeners_.find(listener);
  if (known == listeners_.end()) return nullptr;
  const Listener& at = known->second;
  return query.qclass != dns::RrClass::In && !at.other_classes ? nullptr : &at;
}

std::vector<const ServedZone*> Routing::candidates(uint32_t listener,
                                                   const dns::Query& query) const {
  std::vector<const ServedZone*> all;
  const Listener* const at = listener_for(listener, query);
  if (at == nullptr) return all;
  for (const ServedZone& served : at->zones) {
    if (dns::is_at_or_below(query.lower_qname.view(), served.zone.view())) all.push_back(&served);
  }
  return all;
}

const ServedZone* Routing::find(uint32_t listener, const Asked& asked) const {
  const dns::Query& query = asked.query;
  const Listener* const at = listener_for(listener, query);
  if (at == nullptr) return nullptr;
  const ServedZone* found = nullptr;
  for (const ServedZone& served : at->zones) {
    if (!dns::is_at_or_below(query.lower_qname.view(), served.zone.view())) continue;
    if (served.block->when && !served.block->when->holds(asked)) continue;
    if (query.qtype != dns::RrType::Ds) return &served;
    const bool root = served.zone.size() == 1;
    const bool same = found != nullptr && found->zone.size() == served.zone.size();
    if (found == nullptr || (!root && !same)) found = &served;
  }
  return found;
}

Unmatched* Routing::unmatched(uint32_t listener) const {
  const auto known = listeners_.find(listener);
  return known == listeners_.end() ? nullptr : known->second.unmatched.get();
}

}  // namespace fairlead::query
