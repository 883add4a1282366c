#include "plugins/published_zones.h"

#include <algorithm>

namespace fairlead::plugins {

void PublishedZones::tell(const std::shared_ptr<ZoneNews>& news) {
  const auto same = [&](const auto& known) { return known.lock() == news; };
  if (std::ranges::none_of(news_, same)) news_.push_back(news);
  tell_all(*news);
}

void PublishedZones::publish_entries(std::vector<records::ZoneSet::Entry> entries) {
  served_.clear();
  for (const auto& entry : entries)
    if (entry.zone) served_.push_back({entry.origin, entry.zone->serial()});
  place_->publish(std::make_shared<const records::ZoneSet>(std::move(entries)));
  std::erase_if(news_, [](const auto& news) { return news.expired(); });
  for (const auto& weak : news_)
    if (const auto news = weak.lock()) tell_all(*news);
}

void PublishedZones::tell_all(ZoneNews& news) const {
  for (const Served& zone : served_) news.served(zone.origin, zone.serial);
}

}  // namespace fairlead::plugins
