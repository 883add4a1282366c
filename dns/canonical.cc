#include "dns/canonical.h"

#include <algorithm>
#include <iterator>

#include "dns/name.h"
#include "dns/type_table.h"

namespace fairlead::dns {

// Length octets are below any letter: a whole name can be lowered octet by octet.
void append_canonical(RrType type, std::span<const uint8_t> rdata, std::vector<uint8_t>& out) {
  const RdataLayout& layout = layout_of(type);
  const auto copy = [&](size_t size) {
    out.insert(out.end(), rdata.begin(), rdata.begin() + static_cast<std::ptrdiff_t>(size));
    rdata = rdata.subspan(size);
  };
  for (const RdataField* field = layout.begin(); field < layout.names_end(); ++field) {
    const size_t size = field_size(*field, rdata);
    if (size == 0) break;
    if (*field != RdataField::CompressibleName && *field != RdataField::WholeName) {
      copy(size);
      continue;
    }
    std::ranges::transform(rdata.first(size), std::back_inserter(out), lower);
    rdata = rdata.subspan(size);
  }
  copy(rdata.size());
}

}  // namespace fairlead::dns
