#include "plugins/cluster_listing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "plugins/cluster_journal.h"
#include "query/zone_listing.h"

namespace fairlead::plugins {
namespace {

using Journals = std::vector<std::shared_ptr<ClusterJournal>>;

class ClusterLister final : public query::ZoneLister {
 public:
  void use(Journals journals) { journals_ = std::move(journals); }
  [[nodiscard]] const Journals& journals() const { return journals_; }

  [[nodiscard]] Found find(const query::Walk&, dns::NameView name) const override {
    const auto is_zone = [&](const auto& journal) {
      return std::ranges::equal(journal->zone().view(), name);
    };
    const auto journal = std::ranges::find_if(journals_, is_zone);
    if (journal == journals_.end()) return {};
    return {.is_zone = true, .zone = (*journal)->list()};
  }

 private:
  Journals journals_;
};

// Of the zones that somebody may have.
Journals journals_of(const Cluster& cluster, const zones::OutsideZone* outside, ZoneNews& news,
                     Building& building) {
  Journals journals;
  for (const dns::Name& zone : outside != nullptr ? outside->zones : cluster.zone().zones) {
    std::shared_ptr<records::Journal> journal = news.make_journal(zone);
    if (!journal) continue;
    ClusterJournal::Of of{.versions = cluster.versions(), .cluster = cluster.zone(), .zone = zone};
    if (outside != nullptr) of.outside = *outside;
    journals.push_back(building.keep<ClusterJournal>(
        [&](const ClusterJournal& other) { return other.is_of(of); },
        [&] { return std::make_shared<ClusterJournal>(std::move(of), std::move(journal)); }));
  }
  return journals;
}

}  // namespace

void offer_cluster(const ClusterOf& cluster,
                   const std::shared_ptr<const zones::OutsideZone>& outside, Building& building) {
  const std::shared_ptr<ZoneNews>& news = building.zone_news();
  if (!news) return;
  const auto lister = std::make_shared<ClusterLister>();
  building.offer(std::shared_ptr<const query::ZoneLister>(lister));
  building.when_built([lister, cluster, outside, news, &building](const Built&) {
    lister->use(journals_of(*cluster(), outside.get(), *news, building));
  });
  building.while_served([lister, cluster, news]() -> std::shared_ptr<void> {
    for (const auto& journal : lister->journals()) {
      journal->tell(news);
      cluster()->versions()->add(journal);
    }
    return news;
  });
}

}  // namespace fairlead::plugins
