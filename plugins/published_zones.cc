#include "plugins/published_zones.h"

#include <algorithm>

#include "dns/numbers.h"
#include "records/zone_difference.h"

namespace fairlead::plugins {

void PublishedZones::tell(const std::shared_ptr<ZoneNews>& news) {
  const auto same = [&](const auto& known) { return known.lock() == news; };
  if (std::ranges::none_of(news_, same)) news_.push_back(news);
  tell_all(*news);
}

std::shared_ptr<records::Journal> PublishedZones::make_journal(const dns::Name& origin) const {
  for (const auto& weak : news_) {
    const auto news = weak.lock();
    if (auto journal = news ? news->make_journal(origin) : nullptr) return journal;
  }
  return nullptr;
}

// Fills in the journal of a zone, with what leads from the copy before to this one.
PublishedZones::Served PublishedZones::follow(records::ZoneSet::Entry& entry, Served before) const {
  Served served{entry.origin, entry.zone, entry.zone != nullptr, std::move(before.journal),
                entry.epoch};
  if (!served.is_there) served.zone = before.zone;
  auto wanted = make_journal(entry.origin);
  if (!wanted || !served.journal) served.journal = std::move(wanted);
  entry.journal = served.journal;
  const bool changed = served.journal && before.zone && served.zone != before.zone;
  if (!changed) return served;
  const bool is_next =
      served.epoch == before.epoch && dns::is_newer(served.zone->serial(), before.zone->serial());
  const auto step = is_next ? records::difference(*before.zone, *served.zone) : nullptr;
  if (step) {
    // What is more than the zone is never sent.
    constexpr size_t kLittle = size_t{64} << 10;
    served.journal->add(step, std::max(kLittle, served.zone->octets()));
  } else {
    served.journal->clear();
  }
  return served;
}

void PublishedZones::publish_entries(std::vector<records::ZoneSet::Entry> entries) {
  std::erase_if(news_, [](const auto& news) { return news.expired(); });
  AllServed served;
  for (auto& entry : entries) {
    const std::string origin = dns::to_text(entry.origin.view());
    served.insert_or_assign(origin, follow(entry, std::move(served_[origin])));
  }
  served_ = std::move(served);
  place_->publish(std::make_shared<const records::ZoneSet>(std::move(entries)));
  for (const auto& weak : news_)
    if (const auto news = weak.lock()) tell_all(*news);
}

void PublishedZones::tell_all(ZoneNews& news) const {
  for (const auto& [origin, zone] : served_)
    if (zone.is_there) news.served(zone.origin, zone.zone->serial());
}

}  // namespace fairlead::plugins
