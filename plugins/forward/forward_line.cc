#include "plugins/forward/forward_line.h"

#include <algorithm>

namespace fairlead::plugins::forward {

bool ForwardLine::takes(const dns::Query& query) const {
  const dns::NameView name = query.lower_qname.view();
  return dns::is_at_or_below_any(name, from) && !dns::is_at_or_below_any(name, except);
}

bool ForwardLine::is_passed_on(const dns::Answer& answer) const {
  const auto rcode = static_cast<uint16_t>(answer.rcode);
  if (std::ranges::find(next, rcode) != next.end()) return true;
  return next_on_nodata && answer.rcode == dns::Rcode::NoError &&
         answer.count(dns::Section::Answer) == 0;
}

bool Lines::is_kept(dns::Rcode rcode) const {
  return store != nullptr &&
         std::ranges::find(bettered, static_cast<uint16_t>(rcode)) == bettered.end();
}

bool Lines::passes_on(const dns::Query& query, size_t number, const dns::Answer& answer) const {
  if (!all[number].is_passed_on(answer)) return false;
  const auto takes = [&](const ForwardLine& line) { return line.takes(query); };
  return std::any_of(all.begin() + static_cast<std::ptrdiff_t>(number) + 1, all.end(), takes);
}

}  // namespace fairlead::plugins::forward
