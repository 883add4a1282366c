// Where names that a client has not written whole may end: what a directive that knows its clients
// (kubernetes, erratic) tells one that looks such names up for them (autopath).
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "dns/name.h"

namespace fairlead::query {

class Walk;

/// Constant; any thread.
class SearchDomains {
 public:
  virtual ~SearchDomains() = default;

  /// The client's search domains are suffixes of one another: of three, the first has two labels
  /// more than the last. Ours is the question whose name is below the first.
  struct Found {
    size_t in_front = 0;  // labels of the question's name in front of the first domain, at least 1
    size_t domains = 0;   // how many there are
  };

  /// None: the client's domains are not known, or its question is for no name below the first.
  [[nodiscard]] virtual std::optional<Found> find(const Walk& /*walk*/) const { return {}; }

  /// The search list of all clients, lower case, whatever find() would say; empty: there is none.
  [[nodiscard]] virtual std::span<const dns::Name> list() const { return {}; }
};

}  // namespace fairlead::query
