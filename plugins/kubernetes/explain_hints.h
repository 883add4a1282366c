// What may have been meant by a name that leads nowhere.
#pragma once

#include <string>

#include "dns/query.h"
#include "plugins/kubernetes/cluster_view.h"
#include "plugins/kubernetes/setup.h"
#include "query/telling.h"

namespace fairlead::plugins::kubernetes {

/// Names of services that are near to `query`, a name below the forward `zone` that is missing: a
/// mistyped service or namespace, a forgotten `svc`.
void tell_near_names(const Config& config, const ClusterView& view, const dns::Query& query,
                     const dns::Name& zone, query::Telling& lines);

/// Names of services that a pod's search list makes of a name that is none of the cluster's, or
/// that are near to it; the `text` was typed without a final dot.
void tell_search_list(const Config& config, const ClusterView& view, const std::string& text,
                      query::Telling& lines);

/// True when such a name may be a service's: one label, or two, or "svc" among them.
bool may_be_short_name(const std::string& text);

}  // namespace fairlead::plugins::kubernetes
