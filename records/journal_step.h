// What leads from one version of a zone to a later one (RFC 1995 §4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "records/zone_changes.h"

namespace fairlead::records {

/// Appends a record in the form that steps keep: sizes, owner, type, TTL, rdata. `owner` is in
/// lower case, rdata without compressed names.
void append_record(const ChangedRecord& record, std::vector<uint8_t>& out);
/// The one at `at`, which is moved behind it. Views into `octets`, which has a whole one there.
ChangedRecord read_record(std::span<const uint8_t> octets, size_t& at);

/// Constant once made: all who send it share it.
struct JournalStep {
  uint32_t from = 0, to = 0;  // serials
  size_t records = 0;         // that go and come; the SOA records are none of these
  /// In the order in which they are sent: the old SOA record, what goes, the new SOA record, what
  /// comes.
  std::vector<uint8_t> octets;
  size_t new_soa = 0;  // where that stands in `octets`
};
using JournalStepPtr = std::shared_ptr<const JournalStep>;

/// Makes a step of two versions. Used once, by one thread.
class StepBuilder {
 public:
  /// A record of the earlier version, or of the later one, in any order. What stands in both, with
  /// one TTL, is no difference: only names that may differ need be said. An SOA record is that of
  /// the apex, and must be said of both.
  void add_earlier(const ChangedRecord& record) { add(record, earlier_); }
  void add_later(const ChangedRecord& record) { add(record, later_); }

  /// Of all that has been said.
  [[nodiscard]] size_t octets() const { return earlier_.octets.size() + later_.octets.size(); }

  JournalStepPtr finish();

 private:
  struct Side {
    std::vector<uint8_t> octets;
    std::vector<size_t> at;  // of each record there
    std::vector<uint8_t> soa;
  };
  static void add(const ChangedRecord& record, Side& side);
  static std::vector<std::span<const uint8_t>> sorted(const Side& side);

  Side earlier_, later_;
};

/// One step in place of several that follow each other, at least one: what goes and comes again, or
/// comes and goes, is no part of it.
JournalStepPtr condense(std::span<const JournalStepPtr> steps);

}  // namespace fairlead::records
