// Zones that can be listed whole: what directives that have zones (file, auto) give to the one that
// hands them on (transfer).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "dns/answer.h"
#include "dns/name.h"

namespace fairlead::query {

class Walk;

/// Records in the order in which they are sent. Used by one worker's thread.
class Listing {
 public:
  virtual ~Listing() = default;

  /// Adds some of those that have not been added yet, in any section. What one call adds is small.
  /// False: there were none left.
  virtual bool next(dns::Answer& answer) = 0;
};

/// One version of a zone, each record but the SOA once. It stays as it is while this is held.
class ListedZone : public Listing {
 public:
  [[nodiscard]] virtual uint32_t serial() const = 0;

  /// What the serial belongs to (records/epoch.h); none: every server has the same.
  [[nodiscard]] virtual std::optional<uint64_t> epoch() const { return std::nullopt; }

  /// It has what a cluster's zone has in the compact form (dns/compact_zone.h), and the epoch is
  /// that form's.
  [[nodiscard]] virtual bool is_compact() const { return false; }

  /// Adds the SOA record to the answer section, and nothing else.
  virtual void add_soa(dns::Answer& answer) const = 0;

  /// What leads to it from the version with that serial, as it stands between two SOA records
  /// (RFC 1995 §4). Null: that is not known, no less than the zone, or more than `most` octets.
  [[nodiscard]] virtual std::unique_ptr<Listing> changes_since(uint32_t serial,
                                                               size_t most) const = 0;

  /// How many seconds it may be served for; at most what its SOA says, if that is less.
  [[nodiscard]] virtual uint32_t seconds_left() const { return UINT32_MAX; }
};

/// The zones of one directive in a block. Constant; any thread.
class ZoneLister {
 public:
  virtual ~ZoneLister() = default;

  struct Found {
    bool is_zone = false;              // the name is the apex of a zone of this directive
    std::unique_ptr<ListedZone> zone;  // null: it cannot be listed yet
  };
  /// `name` is in lower case.
  [[nodiscard]] virtual Found find(const Walk& walk, dns::NameView name) const = 0;
};

}  // namespace fairlead::query
