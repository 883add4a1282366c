// Zones of records as one directive has them, published to the workers: what is common to `file`,
// `auto` and `secondary`.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dns/name.h"
#include "plugins/offers.h"
#include "query/live_board.h"
#include "records/zone_set.h"

namespace fairlead::plugins {

/// Used and destroyed by the control thread, but for at().
class PublishedZones {
 public:
  using Place = query::LiveBoard::Place<records::ZoneSet>;

  explicit PublishedZones(std::unique_ptr<Place> place) : place_(std::move(place)) {}
  virtual ~PublishedZones() = default;
  PublishedZones(const PublishedZones&) = delete;
  PublishedZones& operator=(const PublishedZones&) = delete;

  [[nodiscard]] query::LiveAt<records::ZoneSet> at() const { return place_->at(); }

  /// Somebody else hears of the zones, and from now on of what is published. Of zones that somebody
  /// may have the differences are kept from then on.
  void tell(const std::shared_ptr<ZoneNews>& news);

 protected:
  void publish_entries(std::vector<records::ZoneSet::Entry> entries);

 private:
  struct Served {
    dns::Name origin;
    std::shared_ptr<const records::Zone> zone;  // the last that there was
    bool is_there = false;                      // it has not expired
    std::shared_ptr<records::Journal> journal;  // null: nobody may have it
    records::Epoch epoch;
  };
  using AllServed = std::map<std::string, Served>;  // by origin, as text
  void tell_all(ZoneNews& news) const;
  [[nodiscard]] std::shared_ptr<records::Journal> make_journal(const dns::Name& origin) const;
  [[nodiscard]] Served follow(records::ZoneSet::Entry& entry, Served before) const;

  const std::unique_ptr<Place> place_;
  AllServed served_;
  std::vector<std::weak_ptr<ZoneNews>> news_;
};

}  // namespace fairlead::plugins
