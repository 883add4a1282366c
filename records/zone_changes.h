// What one version of a zone has and another has not, applied to a copy (RFC 1995 §4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "dns/name.h"
#include "dns/packed_records.h"
#include "dns/types.h"
#include "records/zone.h"
#include "records/zone_builder.h"

namespace fairlead::records {

using ChangedRecord = dns::PlainRecord;

/// Changes on the way from one version to a later one, in their order. Used by one thread.
class ZoneChanges {
 public:
  explicit ZoneChanges(std::shared_ptr<const Zone> from) : from_(std::move(from)) {}

  /// False when there is no such record, or already one: the copy is not what the changes are
  /// about. SOA records at the apex are none of theirs.
  bool remove(const ChangedRecord& record);
  bool add(const ChangedRecord& record);

  /// Puts the records that are there after all changes into `builder`, all but the SOA at the apex.
  /// What is wrong with one, empty for nothing.
  std::string apply(ZoneBuilder& builder) const;

 private:
  [[nodiscard]] bool has(const std::string& key) const;

  const std::shared_ptr<const Zone> from_;
  std::unordered_set<std::string> removed_;          // of from_: type, owner and rdata in one
  std::unordered_map<std::string, uint32_t> added_;  // the TTL of each
};

}  // namespace fairlead::records
