// Who hears that zones have changed elsewhere (RFC 1996): a directive that has copies of them
// (secondary).
#pragma once

#include "dns/address.h"
#include "dns/query.h"

namespace fairlead::query {

/// The zones of one block. Shared by all workers.
class Notified {
 public:
  virtual ~Notified() = default;

  /// `client` says that the zone `query.lower_qname` has changed. Returns what to say; what
  /// follows from it happens elsewhere, later. Any thread; does not wait.
  [[nodiscard]] virtual dns::Rcode hear(const dns::Query& query,
                                        const dns::IpAddress& client) const = 0;
};

}  // namespace fairlead::query
