// The secondary directive in a block's chain.
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "plugins/building.h"
#include "plugins/secondary/copies.h"
#include "plugins/secondary/follower.h"
#include "plugins/secondary/members.h"
#include "plugins/secondary/primary.h"
#include "plugins/secondary/setup.h"
#include "plugins/secondary/store.h"
#include "plugins/secondary/turns.h"
#include "plugins/zone_listing.h"
#include "plugins/zone_step.h"
#include "records/zone_set.h"

namespace fairlead::plugins::secondary {
namespace {

// Nothing is fetched to be explained.
std::shared_ptr<const records::ZoneSet> told_zones(const Sources& sources) {
  std::vector<records::ZoneSet::Entry> entries;
  for (const Source& source : sources)
    entries.push_back({.origin = source.origin,
                       .fall_through = source.fall_through,
                       .from = to_text(source.primaries.front())});
  return std::make_shared<const records::ZoneSet>(std::move(entries));
}

std::shared_ptr<Turns> turns(Building& building) {
  return building.process<Turns>([] { return std::make_shared<Turns>(); });
}

// Null when nothing is to be kept on disk.
std::shared_ptr<Store> store(const Sources& sources, Building& building) {
  const auto wants = [](const Source& source) { return !source.folder.empty(); };
  if (std::ranges::none_of(sources, wants)) return nullptr;
  return building.process<Store>([&] { return std::make_shared<Store>(building.log()); });
}

// Where one of the primaries has it; zones of lines that say the same share it, as long as its
// files are the same.
std::shared_ptr<const PrimaryTls> encrypt(const Source& source, Building& building) try {
  if (!has_tls(source.primaries)) return nullptr;
  using fairlead::forward::UpstreamSessions;
  const auto sessions =
      building.process<UpstreamSessions>([] { return std::make_shared<UpstreamSessions>(); });
  const TlsFiles seen = files_of(source.tls);
  return building.keep<PrimaryTls>(
      [&](const PrimaryTls& other) { return other.is_of(source.primaries, source.tls, seen); },
      [&] { return std::make_shared<PrimaryTls>(source.primaries, source.tls, seen, *sessions); });
} catch (const std::runtime_error& error) {
  throw corefile::parse_error(source.tls_written.at, error.what(), "secondary");
}

// Once for all zones that have the same files.
void check_tls(const Sources& sources) {
  std::vector<fairlead::forward::TlsSettings> good;
  for (const Source& source : sources) {
    if (!has_tls(source.primaries) || std::ranges::find(good, source.tls) != good.end()) continue;
    try {
      static_cast<void>(transfer_context(source.tls));
      good.push_back(source.tls);
    } catch (const std::runtime_error& error) {
      throw corefile::parse_error(source.tls_written.at, error.what(), "secondary");
    }
  }
}

// One that is served already goes on; with other servers the copy is what it begins with, and
// after a restart what was kept.
std::shared_ptr<Follower> follow(const Source& source, const Tools& tools, Building& building) {
  const Follower::Options options = options_of(source, source.origin);
  KnownCopy known;
  return building.keep<Follower>(
      [&](const Follower& other) {
        if (other.options().origin == options.origin && other.copy() && !other.expired())
          known = other.known();
        return other.options() == options;
      },
      [&] {
        if (!known.zone && !options.kept_at.empty())
          known = tools.store->read(options.kept_at, options.origin);
        auto made = std::make_shared<Follower>(tools, options);
        made->start(known);
        return made;
      });
}

std::shared_ptr<Copies> copy(const Sources& sources, Building& building) {
  Copies::Followers followers;
  Members::Earlier earlier;
  const Tools tools{building.site().control, building.log(), turns(building),
                    store(sources, building)};
  followers.reserve(sources.size());
  for (const Source& source : sources) followers.push_back(follow(source, tools, building));
  return building.keep<Copies>(
      [&](const Copies& other) {
        other.add_to(earlier);
        return other.sources() == sources;
      },
      [&] {
        auto made = std::make_shared<Copies>(building.live<records::ZoneSet>(), tools, sources,
                                             std::move(followers));
        made->start(std::move(earlier));
        return made;
      });
}

// Blocks that say the same of a zone have one follower, and one copy.
KeptFile kept_file(const Source& source, const std::string& path) {
  std::string content;
  for (const Primary& primary : source.primaries)
    content += to_text(primary) + ' ' + primary.server_name + ' ';
  if (has_tls(source.primaries))
    content += source.tls.cert + ' ' + source.tls.key + ' ' + source.tls.ca + ' ';
  if (source.signed_with) {
    const auto& [key, algorithm] = *source.signed_with;
    content += dns::to_text(key.name.view()) + ' ' + std::to_string(static_cast<int>(algorithm)) +
               ' ' + std::string(key.secret.begin(), key.secret.end());
  }
  return {"secondary", path, content,
          "a zone with other servers, other TLS or another key needs another folder",
          source.folder_written.at};
}

void make_step(Sources sources, Building& building) {
  const std::vector<dns::Name> everywhere;
  if (building.explaining() != nullptr)
    return add_step("secondary", std::make_unique<ZoneStep>(told_zones(sources), everywhere),
                    building);
  for (Source& source : sources) source.encrypted = encrypt(source, building);
  const std::shared_ptr<Copies> copies = copy(sources, building);
  offer_zones(copies, everywhere, building);
  building.hear(copies->ear());
  add_step("secondary", std::make_unique<ZoneStep>(copies, everywhere), building);
  building.collect([copies](metrics::FamilySet& families) { copies->collect(families); });
  building.tell_status([copies] { return copies->status(); });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Sources sources = parse(cursor, plan.context(), plan.keys_known);
  for (const Source& source : sources) {
    const std::string path = options_of(source, source.origin).kept_at;
    if (!path.empty()) plan.files_kept.push_back(kept_file(source, path));
  }
  plan.check([sources](std::vector<std::string>&) { check_tls(sources); });
  plan.make([sources](Building& building) { make_step(sources, building); });
}

}  // namespace fairlead::plugins::secondary
