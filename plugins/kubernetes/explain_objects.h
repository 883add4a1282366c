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

/// What there is of a service that has no ready endpoint: its slices, or the option that keeps them
/// out.
void tell_empty_service(const Config& config, const ClusterView& view,
                        const zones::ObjectKey& service, query::Telling& lines);

/// Why `query`, at or below `zone`, is missing, and what may have been meant.
void tell_missing(const Config& config, const ClusterView& view, const dns::Query& query,
                  const dns::Name& zone, query::Telling& lines);

/// Names of services that a pod's search list makes of a name that is none of the cluster's; the
/// `text` was typed without a final dot.
void tell_search_list(const Config& config, const ClusterView& view, const std::string& text,
                      query::Telling& lines);

/// True when such a name may be a service's: one label, or two.
bool may_be_short_name(const std::string& text);

}  // namespace fairlead::plugins::kubernetes
