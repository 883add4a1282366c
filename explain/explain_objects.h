// The objects that stand behind an answer of the cluster zone, one line each.
#pragma once

#include "dns/query.h"
#include "explain/explain_cluster.h"
#include "explain/explain_lines.h"
#include "server/config.h"
#include "zones/locate.h"

namespace fairlead::explain {

/// What `place`, found in `view`, is made from.
void tell_objects(const server::KubernetesConfig& config, const ClusterView& view,
                  const zones::Place& place, ExplainLines& lines);

/// What there is of a service that has no ready endpoint: its slices, or the option that keeps them
/// out.
void tell_empty_service(const server::KubernetesConfig& config, const ClusterView& view,
                        const zones::ObjectKey& service, ExplainLines& lines);

/// Why `query`, at or below `zone`, is missing, and what may have been meant.
void tell_missing(const server::KubernetesConfig& config, const ClusterView& view,
                  const dns::Query& query, const dns::Name& zone, ExplainLines& lines);

/// Names of services that a pod's search list makes of a name that is none of the cluster's; the
/// `text` was typed without a final dot.
void tell_search_list(const server::KubernetesConfig& config, const ClusterView& view,
                      const std::string& text, ExplainLines& lines);

/// True when such a name may be a service's: one label, or two.
bool may_be_short_name(const std::string& text);

}  // namespace fairlead::explain
