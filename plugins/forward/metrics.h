// Upstreams -> the coredns_proxy_* and coredns_forward_* families.
#pragma once

#include <span>

#include "forward/group.h"
#include "metrics/family_set.h"

namespace fairlead::plugins::forward {

void collect_groups(std::span<const fairlead::forward::GroupTotals> groups,
                    metrics::FamilySet& families);

}  // namespace fairlead::plugins::forward
