// The auto directive in a block's chain.
#include <memory>
#include <utility>
#include <vector>

#include "net/clock.h"
#include "plugins/auto/folder.h"
#include "plugins/auto/setup.h"
#include "plugins/building.h"
#include "plugins/zone_listing.h"
#include "plugins/zone_step.h"

namespace fairlead::plugins::auto_ {
namespace {

std::shared_ptr<const records::ZoneSet> read_once(const Options& options) {
  std::vector<records::ZoneSet::Entry> entries;
  for (const Found& found : walk(options).found) {
    records::ZoneFile file(found.path, found.origin, false);
    file.check(net::time_of_day());
    if (file.zone()) entries.push_back({found.origin, file.zone(), {}, found.path});
  }
  return std::make_shared<const records::ZoneSet>(std::move(entries));
}

void make_step(const Options& options, Building& building) {
  if (building.explaining() != nullptr)
    return add_step("auto", std::make_unique<ZoneStep>(read_once(options), options.zones),
                    building);
  bool made = false;
  const auto folder = building.keep<Folder>(
      [&](const Folder& other) { return other.options() == options; },
      [&] {
        made = true;
        auto one = std::make_shared<Folder>(options, building.site().control, building.log(),
                                            building.live<records::ZoneSet>());
        one->start();
        return one;
      });
  if (!made) folder->look();
  const std::shared_ptr<ZoneFiles> files(folder, folder->files().get());
  offer_zones(files, options.zones, building);
  add_step("auto", std::make_unique<ZoneStep>(files, options.zones), building);
  building.collect([folder](metrics::FamilySet& families) { folder->files()->collect(families); });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  for (const Options& options : parse(cursor, plan.context()))
    plan.make([options](Building& building) { make_step(options, building); });
}

}  // namespace fairlead::plugins::auto_
