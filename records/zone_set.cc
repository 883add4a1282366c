#include "records/zone_set.h"

#include <utility>

namespace fairlead::records {
namespace {

std::string_view octets_of(dns::NameView name) {
  return {reinterpret_cast<const char*>(name.data()), name.size()};
}

}  // namespace

ZoneSet::ZoneSet(std::vector<Entry> entries) {
  for (Entry& entry : entries) {
    std::string key(octets_of(entry.origin.view()));
    entries_.insert_or_assign(std::move(key), std::move(entry));
  }
}

const ZoneSet::Entry* ZoneSet::find(dns::NameView name) const {
  for (;;) {
    if (const auto at = entries_.find(octets_of(name)); at != entries_.end()) return &at->second;
    if (name[0] == 0) return nullptr;
    name = name.subspan(name[0] + 1U);
  }
}

}  // namespace fairlead::records
