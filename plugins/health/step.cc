// The health directive: /health, a look at it from inside, the lameduck time.
#include <memory>

#include "plugins/building.h"
#include "plugins/health/health.h"
#include "plugins/health/setup.h"

namespace fairlead::plugins::health {

namespace {

std::shared_ptr<Families> families(Site& site) {
  return site.kept.process<Families>([&] {
    auto made = std::make_shared<Families>();
    site.metrics.collect_from([made](metrics::FamilySet& set) {
      made->duration.collect(set.others());
      made->failures.collect(set.others());
    });
    return made;
  });
}

}  // namespace

// Its families are there whether or not a block has the directive, as in CoreDNS.
void start(Site& site) {
  static_cast<void>(families(site));
}

// Of several blocks the first one's address is probed.
void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor);
  plan.lameduck = options.lameduck;
  plan.make([options](Building& building) {
    building.http({options.address, "/health", health_reply});
    if (building.used_before()) return;
    Site& site = building.site();
    building.while_served([&site, address = options.address] {
      return std::make_shared<HealthProbe>(site.control, address, families(site), site.log);
    });
  });
}

}  // namespace fairlead::plugins::health
