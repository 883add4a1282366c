// Zones of a cluster (kubernetes, k8s_external), as zones that can be listed and that change.
#pragma once

#include <functional>
#include <memory>

#include "plugins/building.h"
#include "plugins/cluster.h"
#include "zones/outside_zone.h"

namespace fairlead::plugins {

/// The cluster of the block, once that is built.
using ClusterOf = std::function<std::shared_ptr<const Cluster>()>;

/// Has whoever hands zones on (transfer) know of the cluster's zones, those of `outside` unless it
/// is null, and hear of their changes as long as the block is served: once a second at most.
/// Without anybody who does nothing is kept of them. `cluster` is asked when the block is built.
void offer_cluster(const ClusterOf& cluster,
                   const std::shared_ptr<const zones::OutsideZone>& outside, Building& building);

}  // namespace fairlead::plugins
