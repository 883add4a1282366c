// The objects that stand behind an answer of the cluster zone, one line each.
#pragma once

#include "dns/query.h"
#include "plugins/kubernetes/cluster_view.h"
#include "plugins/kubernetes/setup.h"
#include "query/telling.h"
#include "zones/locate.h"

namespace fairlead::plugins::kubernetes {

/// What `place`, found in `view`, is made from.
void tell_objects(const Config& config, const ClusterView& view, const zones::Place& place,
                  query::Telling& lines);

/// Why `query`, at or below `zone`, is missing, and what may have been meant.
void tell_missing(const Config& config, const ClusterView& view, const dns::Query& query,
                  const dns::Name& zone, query::Telling& lines);

}  // namespace fairlead::plugins::kubernetes
