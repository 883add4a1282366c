// The cluster of a block, as `kubernetes` has it, for the directives in front of it.
#pragma once

#include <memory>

#include "dns/answer.h"
#include "dns/extended_error.h"
#include "zones/cluster_zone.h"
#include "zones/snapshot.h"

namespace fairlead::query {
class Walk;
}

namespace fairlead::plugins {

class ClusterVersions;

/// Constant once its block is served: all workers share it.
class Cluster {
 public:
  virtual ~Cluster() = default;

  /// Which namespaces are exposed, and this server's addresses.
  [[nodiscard]] virtual const zones::ClusterZone& zone() const = 0;
  /// Null until something was published. Valid for one call of a step.
  [[nodiscard]] virtual const zones::Snapshot* snapshot(const query::Walk& walk) const = 0;
  /// Null where nothing is watched. Control thread.
  [[nodiscard]] virtual std::shared_ptr<ClusterVersions> versions() const = 0;
};

/// Why an answer about it is SERVFAIL.
inline void tell_unread(dns::Answer& answer) {
  answer.add_extended_error(dns::kNotReady, "the cluster has not been read yet");
}

}  // namespace fairlead::plugins
