// Zones that came as text, as zones that can be listed.
#pragma once

#include <memory>
#include <vector>

#include "dns/name.h"
#include "plugins/building.h"
#include "plugins/published_zones.h"

namespace fairlead::plugins {

/// Has whoever hands zones on (transfer) know of those of `zones` that lie in `within` (empty: of
/// all), and hear of their changes as long as the block is served.
void offer_zones(const std::shared_ptr<PublishedZones>& zones, std::vector<dns::Name> within,
                 Building& building);

}  // namespace fairlead::plugins
