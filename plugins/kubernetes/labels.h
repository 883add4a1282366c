// What a name of a cluster's zone is made of, and whose pod asks for it, as labels.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "query/labels.h"
#include "query/live_board.h"
#include "zones/cluster_zone.h"
#include "zones/snapshot.h"

namespace fairlead::plugins::kubernetes {

/// Labels "kubernetes/…". They say what is asked for, not whether it exists.
std::shared_ptr<const query::LabelSource> make_labels(zones::ClusterZone zone,
                                                      query::LiveAt<zones::Snapshot> at);

}  // namespace fairlead::plugins::kubernetes
