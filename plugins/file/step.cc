// The file directive in a block's chain.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "corefile/duration.h"
#include "net/clock.h"
#include "plugins/building.h"
#include "plugins/file/setup.h"
#include "plugins/zone_files.h"
#include "plugins/zone_listing.h"
#include "plugins/zone_step.h"

namespace fairlead::plugins::file {
namespace {

using Sources = std::vector<ZoneSource>;

// The zones of one block, kept over reloads that change nothing about them.
struct Served {
  Sources sources;
  std::shared_ptr<ZoneFiles> files;
};

corefile::ConfigError error_of(const NamedZone& zone, const std::string& what) {
  return corefile::parse_error(zone.named, what, "file");
}

// A file that cannot be opened may come later, unless it is never looked at again.
void check_first(const NamedZone& zone, const records::ZoneChange& change) {
  const bool may_come = zone.source.reload.count() > 0 && !change.unreadable.empty();
  const std::string problem = problem_of(change);
  if (!problem.empty() && !may_come) throw error_of(zone, problem);
}

// Reads everything once, and opens no socket.
void check_files(const std::vector<NamedZone>& zones, std::vector<std::string>& warnings) {
  for (const NamedZone& zone : zones) {
    records::ZoneFile file(zone.source.path, zone.source.origin, zone.source.silent);
    const records::ZoneChange change = file.check(net::time_of_day());
    check_first(zone, change);
    for (const std::string& warning : change.warnings)
      warnings.push_back("plugin/file: " + warning);
  }
}

std::shared_ptr<ZoneFiles> read_zones(const std::vector<NamedZone>& zones, Building& building) {
  auto files = std::make_shared<ZoneFiles>(building.site().control, building.log(),
                                           building.live<records::ZoneSet>());
  for (const NamedZone& zone : zones) {
    const records::ZoneChange change = files->add(zone.source);
    check_first(zone, change);
    if (!change.unreadable.empty())
      building.log().write(net::LogLevel::Warning, "file",
                           "Failed to open \"" + change.unreadable + "\": trying again in " +
                               corefile::format_duration(zone.source.reload));
  }
  files->publish();
  return files;
}

std::shared_ptr<const records::ZoneSet> read_once(const std::vector<NamedZone>& zones) {
  std::vector<records::ZoneSet::Entry> entries;
  for (const NamedZone& zone : zones) {
    const ZoneSource& source = zone.source;
    records::ZoneFile file(source.path, source.origin, source.silent);
    check_first(zone, file.check(net::time_of_day()));
    entries.push_back({source.origin, file.zone(), source.fall_through, source.path});
  }
  return std::make_shared<const records::ZoneSet>(std::move(entries));
}

void make_step(const std::vector<NamedZone>& zones, Building& building) {
  const std::vector<dns::Name> everywhere;
  if (building.explaining() != nullptr)
    return add_step("file", std::make_unique<ZoneStep>(read_once(zones), everywhere), building);
  Sources sources;
  for (const NamedZone& zone : zones) sources.push_back(zone.source);
  bool made = false;
  const auto served = building.keep<Served>(
      [&](const Served& other) { return other.sources == sources; },
      [&] {
        made = true;
        return std::make_shared<Served>(Served{sources, read_zones(zones, building)});
      });
  if (!made) served->files->check_now();
  // What keeps the zones is let go of by the control thread.
  const std::shared_ptr<ZoneFiles> files(served, served->files.get());
  offer_zones(files, everywhere, building);
  add_step("file", std::make_unique<ZoneStep>(files, everywhere), building);
  building.collect([served](metrics::FamilySet& families) { served->files->collect(families); });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const std::vector<NamedZone> zones = parse(cursor, plan.context());
  plan.check([zones](std::vector<std::string>& warnings) { check_files(zones, warnings); });
  plan.make([zones](Building& building) { make_step(zones, building); });
}

}  // namespace fairlead::plugins::file
