// The search domains of pods, by their address (autopath).
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "plugins/kubernetes/source.h"
#include "query/search_domains.h"
#include "zones/cluster_zone.h"

namespace fairlead::plugins::kubernetes {

/// NAMESPACE.svc.ZONE, svc.ZONE and ZONE, for a pod of that namespace that asks for a name below
/// the first. Of pods, only their addresses and namespaces need to be known, which `pods verified`
/// keeps anyway; the namespace to look for is part of the name.
class ClientDomains final : public query::SearchDomains {
 public:
  ClientDomains(zones::ClusterZone zone, std::shared_ptr<const Source> source)
      : zone_(std::move(zone)), source_(std::move(source)) {}

  [[nodiscard]] std::optional<Found> find(const query::Walk& walk) const override;

 private:
  const zones::ClusterZone zone_;
  const std::shared_ptr<const Source> source_;
};

}  // namespace fairlead::plugins::kubernetes
