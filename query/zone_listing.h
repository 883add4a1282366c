// Zones that can be listed whole: what directives that have zones (file, auto) give to the one that
// hands them on (transfer).
#pragma once

#include <cstdint>
#include <memory>

#include "dns/answer.h"
#include "dns/name.h"

namespace fairlead::query {

class Walk;

/// One version of a zone, which stays as it is while this is held. Used by one worker's thread.
class ListedZone {
 public:
  virtual ~ListedZone() = default;

  [[nodiscard]] virtual uint32_t serial() const = 0;

  /// Adds the SOA record to the answer section, and nothing else.
  virtual void add_soa(dns::Answer& answer) const = 0;

  /// Adds some of the records that have not been added yet, each of the zone but the SOA once, in
  /// any section. What one call adds is small beside the zone. False: there were none left.
  virtual bool next(dns::Answer& answer) = 0;
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
