#include "plugins/kubernetes/client_domains.h"

#include "query/walk.h"

namespace fairlead::plugins::kubernetes {

std::optional<query::SearchDomains::Found> ClientDomains::find(const query::Walk& walk) const {
  constexpr size_t kDomains = 3;
  const dns::Query& question = walk.question();
  const zones::Snapshot* const snapshot = walk.live(source_->at());
  const dns::Name* const zone = zone_.zone_of(question.lower_qname.view());
  if (snapshot == nullptr || zone == nullptr) return std::nullopt;
  const size_t labels = question.label_count - dns::label_count(zone->view());
  if (labels < kDomains || question.label(labels - 1) != "svc") return std::nullopt;
  const size_t in_front = labels - 2;
  if (!snapshot->has_pod(walk.peers().client.address, question.label(in_front)))
    return std::nullopt;
  return Found{.in_front = in_front, .domains = kDomains};
}

}  // namespace fairlead::plugins::kubernetes
