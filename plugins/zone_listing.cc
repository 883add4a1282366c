#include "plugins/zone_listing.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "dns/answer.h"
#include "plugins/listed_changes.h"
#include "query/walk.h"
#include "query/zone_listing.h"
#include "records/zone.h"
#include "records/zone_set.h"

namespace fairlead::plugins {
namespace {

class ListedFile final : public query::ListedZone {
 public:
  explicit ListedFile(const records::ZoneSet::Entry& entry)
      : zone_(entry.zone),
        journal_(entry.journal),
        epoch_(entry.epoch),
        is_compact_(entry.cluster.has_value()),
        lifetime_(entry.lifetime) {}

  [[nodiscard]] uint32_t serial() const override { return zone_->serial(); }

  [[nodiscard]] std::optional<uint64_t> epoch() const override { return epoch_; }

  [[nodiscard]] bool is_compact() const override { return is_compact_; }

  [[nodiscard]] uint32_t seconds_left() const override {
    return lifetime_ ? lifetime_->seconds_left() : UINT32_MAX;
  }

  void add_soa(dns::Answer& answer) const override {
    for (const records::ZoneRecord record : zone_->records(zone_->apex())) {
      if (record.type == dns::RrType::Soa)
        answer.add_raw(dns::Section::Answer, answer.add_name(zone_->origin()), record.type,
                       record.ttl, record.rdata);
    }
  }

  bool next(dns::Answer& answer) override {
    constexpr size_t kSome = 1000;
    for (; at_ < zone_->name_count() && answer.records().size() < kSome; ++at_) {
      const records::RecordsOfName records = zone_->records(zone_->node(at_));
      if (records.empty()) continue;
      const dns::NameRef owner = answer.add_name(zone_->name(zone_->node(at_)));
      for (const records::ZoneRecord record : records) {
        if (record.type != dns::RrType::Soa)
          answer.add_raw(dns::Section::Answer, owner, record.type, record.ttl, record.rdata);
      }
    }
    return !answer.records().empty();
  }

  [[nodiscard]] std::unique_ptr<query::Listing> changes_since(uint32_t serial,
                                                              size_t most) const override {
    if (!journal_) return nullptr;
    return list_changes({*journal_, zone_->serial(), zone_->record_count()}, serial, most);
  }

 private:
  const std::shared_ptr<const records::Zone> zone_;
  const std::shared_ptr<const records::Journal> journal_;  // null: nothing is kept yet
  const records::Epoch epoch_;
  const bool is_compact_;
  const std::shared_ptr<const records::Lifetime> lifetime_;  // null: it is no copy
  size_t at_ = 0;                                            // the name that is next
};

class FileLister final : public query::ZoneLister {
 public:
  FileLister(std::shared_ptr<const PublishedZones> zones, std::vector<dns::Name> within)
      : published_(std::move(zones)), within_(std::move(within)) {}

  [[nodiscard]] Found find(const query::Walk& walk, dns::NameView name) const override {
    const records::ZoneSet* const zones = walk.live(published_->at());
    if (zones == nullptr || !(within_.empty() || dns::is_at_or_below_any(name, within_))) return {};
    const records::ZoneSet::Entry* const entry = zones->find(name);
    if (entry == nullptr || entry->origin.size() != name.size()) return {};
    if (entry->zone == nullptr) return {.is_zone = true, .zone = nullptr};
    return {.is_zone = true, .zone = std::make_unique<ListedFile>(*entry)};
  }

 private:
  const std::shared_ptr<const PublishedZones> published_;
  const std::vector<dns::Name> within_;
};

}  // namespace

void offer_zones(const std::shared_ptr<PublishedZones>& zones, std::vector<dns::Name> within,
                 Building& building) {
  building.offer(std::make_shared<const FileLister>(zones, std::move(within)));
  const std::shared_ptr<ZoneNews>& news = building.zone_news();
  if (!news) return;
  building.while_served([zones, news]() -> std::shared_ptr<void> {
    zones->tell(news);
    return news;
  });
}

}  // namespace fairlead::plugins
