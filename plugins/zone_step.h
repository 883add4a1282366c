// Zones that came as text in a block's chain: the step of `file` and of `auto`.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dns/name.h"
#include "plugins/published_zones.h"
#include "query/step.h"
#include "query/walk.h"
#include "records/zone_set.h"

namespace fairlead::plugins {

class Building;

class ZoneStep : public query::Step {
 public:
  /// `within`: names elsewhere pass; empty: none do.
  ZoneStep(std::shared_ptr<const PublishedZones> zones, std::vector<dns::Name> within)
      : published_(std::move(zones)), within_(std::move(within)) {}
  /// Zones that do not change, to be explained.
  ZoneStep(std::shared_ptr<const records::ZoneSet> zones, std::vector<dns::Name> within)
      : zones_(std::move(zones)), within_(std::move(within)) {}

  /// Nobody stands behind this step, of the directive `named`, for names that it passes on.
  void end_chain_of(std::string named) { last_of_ = std::move(named); }

  query::Turn ask(query::Walk& walk) const override;
  query::Turn see(query::Walk& walk, query::Note& note) const override;

 private:
  [[nodiscard]] const records::ZoneSet::Entry* find(const query::Walk& walk) const;
  query::Turn answer(query::Walk& walk, const records::ZoneSet::Entry& entry) const;

  const std::shared_ptr<const PublishedZones> published_;
  const std::shared_ptr<const records::ZoneSet> zones_;
  const std::vector<dns::Name> within_;
  std::string last_of_;  // empty: somebody stands behind
};

/// Puts the step of `directive` into the block. If it is the last, names outside its zones are
/// REFUSED, as in CoreDNS.
void add_step(const std::string& directive, std::unique_ptr<ZoneStep> step, Building& building);

}  // namespace fairlead::plugins
