// What journals have, as it is sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "query/zone_listing.h"
#include "records/journal.h"

namespace fairlead::plugins {

/// Of a zone of about so many records in its version `to`.
struct ChangedZone {
  const records::Journal& journal;
  uint32_t to = 0;
  size_t records = 0;
};

/// What leads there from the version `from`, in one step unless there is too much of it. Null when
/// the journal does not know it, when it is more than half of the zone, or when the steps take more
/// than `most` octets.
std::unique_ptr<query::Listing> list_changes(const ChangedZone& zone, uint32_t from, size_t most);

}  // namespace fairlead::plugins
