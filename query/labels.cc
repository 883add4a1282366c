#include "query/labels.h"

#include <algorithm>

namespace fairlead::query {

bool Labels::has(const dns::Query& query) const {
  return std::ranges::any_of(zones_, [&](const dns::Name& zone) {
    return dns::is_at_or_below(query.lower_qname.view(), zone.view());
  });
}

bool Labels::tell(std::string_view label, const Asked& asked, std::string& out) const {
  return has(asked.query) && std::ranges::any_of(sources_, [&](const auto& source) {
           return source->tell(label, asked, out);
         });
}

}  // namespace fairlead::query
