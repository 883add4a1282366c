#include "plugins/cluster_journal.h"

#include <algorithm>
#include <utility>

#include "dns/answer.h"
#include "plugins/listed_changes.h"
#include "zones/zone_difference.h"

namespace fairlead::plugins {
namespace {

// What is in both versions is in it, too, for the names that have changed.
constexpr size_t kMostCompared = 4 * records::Journal::kMostOctets;

using Add = void (records::StepBuilder::*)(const records::ChangedRecord&);

void add_all(const dns::Answer& answer, records::StepBuilder& builder, Add add) {
  for (const dns::Record& record : answer.records())
    (builder.*add)({.owner = answer.name(record.owner, {}),
                    .type = record.type,
                    .ttl = record.ttl,
                    .rdata = answer.rdata(record)});
}

void add_soa(const zones::WholeZone& zone, records::StepBuilder& builder, Add add) {
  dns::Answer answer;
  zone.add_soa(answer);
  add_all(answer, builder, add);
}

}  // namespace

/// A version on its way to a client.
class ClusterJournal::Listed final : public query::ListedZone {
 public:
  Listed(std::shared_ptr<const ClusterJournal> of, zones::SnapshotPtr version)
      : of_(std::move(of)), zone_(of_->parts(), std::move(version)) {}

  [[nodiscard]] uint32_t serial() const override { return zone_.serial(); }
  [[nodiscard]] std::optional<uint64_t> epoch() const override { return of_->epoch_; }
  [[nodiscard]] bool is_compact() const override { return of_->is_compact(); }
  void add_soa(dns::Answer& answer) const override { zone_.add_soa(answer); }
  bool next(dns::Answer& answer) override { return zone_.next(answer); }
  [[nodiscard]] std::unique_ptr<query::Listing> changes_since(uint32_t serial,
                                                              size_t most) const override {
    return list_changes({*of_->journal_, zone_.serial(), zone_.about()}, serial, most);
  }

 private:
  const std::shared_ptr<const ClusterJournal> of_;
  zones::WholeZone zone_;
};

bool ClusterJournal::is_of(const Of& other) const {
  const bool same_cluster =
      !of_.versions.owner_before(other.versions) && !other.versions.owner_before(of_.versions);
  return same_cluster && of_.zone == other.zone && of_.cluster == other.cluster &&
         of_.outside == other.outside;
}

void ClusterJournal::tell(const std::shared_ptr<ZoneNews>& news) {
  const auto same = [&](const auto& known) { return known.lock() == news; };
  if (std::ranges::none_of(news_, same)) news_.push_back(news);
  if (version_) news->served(of_.zone, version_->serial());
}

// A zone of which not all is known is not handed on, and needs no step.
bool ClusterJournal::is_read(const zones::Snapshot& snapshot) const {
  const bool of_set = !of_.outside && of_.cluster.is_multicluster(of_.zone);
  return snapshot.synced() && (!of_set || snapshot.imports_synced());
}

void ClusterJournal::keep(const zones::SnapshotPtr& version) {
  if (!is_read(*version)) return;
  if (version_) add_step(version);
  const std::lock_guard lock(mutex_);
  version_ = version;
}

void ClusterJournal::add_step(const zones::SnapshotPtr& version) {
  records::StepBuilder builder;
  const auto take = [&](const dns::Answer& earlier, const dns::Answer& later) {
    add_all(earlier, builder, &records::StepBuilder::add_earlier);
    add_all(later, builder, &records::StepBuilder::add_later);
    return builder.octets() <= kMostCompared;
  };
  if (!zones::find_differences(parts(), version_, version, take)) return journal_->clear();
  add_soa(zones::WholeZone(parts(), version_), builder, &records::StepBuilder::add_earlier);
  add_soa(zones::WholeZone(parts(), version), builder, &records::StepBuilder::add_later);
  journal_->add(builder.finish());
}

void ClusterJournal::told() {
  std::erase_if(news_, [](const auto& news) { return news.expired(); });
  if (!version_) return;
  for (const auto& weak : news_)
    if (const auto news = weak.lock()) news->served(of_.zone, version_->serial());
}

std::unique_ptr<query::ListedZone> ClusterJournal::list() const {
  const zones::SnapshotPtr version = [this] {
    const std::lock_guard lock(mutex_);
    return version_;
  }();
  return version ? std::make_unique<Listed>(shared_from_this(), version) : nullptr;
}

}  // namespace fairlead::plugins
