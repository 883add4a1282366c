#include <array>
#include <cstring>

#include "records/zone.h"

namespace fairlead::records {

Place locate(const Zone& zone, dns::NameView name, bool at_parent) {
  std::array<uint8_t, dns::kMaxLabels + 1> starts;  // NOLINT: only the first `count` are set
  size_t count = 0;
  const size_t apex_at = name.size() - zone.origin().size();
  for (size_t i = 0; i < apex_at; i += name[i] + 1U) starts[count++] = static_cast<uint8_t>(i);
  Place place{.closest = &zone.apex(), .exact = count == 0};
  while (count > 0) {
    if (place.closest->has_dname) {
      place.dname = place.closest;
      return place;
    }
    const Zone::Node* const next = zone.find(name.subspan(starts[--count]));
    if (next == nullptr) return place;
    place.closest = next;
    place.exact = count == 0;
    if (next->is_cut && !(place.exact && at_parent)) {
      // Above a DNAME nothing is delegated (RFC 6672 §2.4).
      if (next->has_dname && !place.exact) continue;
      place.cut = next;
      return place;
    }
  }
  return place;
}

const Zone::Node* wildcard_below(const Zone& zone, const Zone::Node& closest) {
  if (!closest.has_wildcard) return nullptr;
  const dns::NameView above = zone.name(closest);
  std::array<uint8_t, dns::kMaxNameSize> name;  // NOLINT: what is read was written
  name[0] = 1;
  name[1] = '*';
  std::memcpy(name.data() + 2, above.data(), above.size());
  return zone.find(dns::NameView(name.data(), above.size() + 2));
}

}  // namespace fairlead::records
