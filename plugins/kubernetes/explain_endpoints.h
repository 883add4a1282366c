// Endpoints that are there and not published, and why there are none.
#pragma once

#include <string>

#include "plugins/kubernetes/cluster_view.h"
#include "plugins/kubernetes/setup.h"
#include "query/telling.h"
#include "zones/objects.h"

namespace fairlead::plugins::kubernetes {

/// What there is of a service without a ready endpoint: endpoints that are not ready, pods that its
/// selector does not match, the option that keeps endpoints out. Says nothing that it has not read.
void tell_empty_service(const Config& config, const ClusterView& view,
                        const zones::ObjectKey& service, query::Telling& lines);

/// `label` stands below a service and leads nowhere: it is told when it is one that is not ready.
void tell_unready_endpoint(const ClusterView& view, const zones::ObjectKey& service,
                           const std::string& label, query::Telling& lines);

/// Endpoints that are published although their pods are not ready (publishNotReadyAddresses).
void tell_published_unready(const ClusterView& view, const zones::ObjectKey& service,
                            query::Telling& lines);

}  // namespace fairlead::plugins::kubernetes
