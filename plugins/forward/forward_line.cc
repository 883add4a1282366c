#include "plugins/forward/forward_line.h"

#include <algorithm>

namespace fairlead::plugins::forward {
namespace {

bool holds(const std::vector<dns::Name>& zones, const dns::Query& query) {
  return std::ranges::any_of(zones, [&](const dns::Name& zone) {
    return dns::is_at_or_below(query.lower_qname.view(), zone.view());
  });
}

}  // namespace

bool ForwardLine::takes(const dns::Query& query) const {
  return holds(from, query) && !holds(except, query);
}

bool ForwardLine::passes_on(const dns::Answer& answer) const {
  const auto rcode = static_cast<uint16_t>(answer.rcode);
  if (std::ranges::find(next, rcode) != next.end()) return true;
  return next_on_nodata && answer.rcode == dns::Rcode::NoError &&
         answer.count(dns::Section::Answer) == 0;
}

}  // namespace fairlead::plugins::forward
