// One zone of a cluster as it is handed on: its last version, and what has led there.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "dns/name.h"
#include "net/asio.h"
#include "net/random.h"
#include "plugins/cluster_versions.h"
#include "plugins/offers.h"
#include "query/zone_listing.h"
#include "records/journal.h"
#include "zones/cluster_zone.h"
#include "zones/outside_zone.h"
#include "zones/whole_zone.h"

namespace fairlead::plugins {

/// One for all blocks that say the same of the zone. Made by make_shared; used and destroyed by the
/// control thread, but for list().
class ClusterJournal final : public VersionKeeper,
                             public std::enable_shared_from_this<ClusterJournal> {
 public:
  /// What the zone is made of.
  struct Of {
    std::weak_ptr<ClusterVersions> versions;
    zones::ClusterZone cluster;
    std::optional<zones::OutsideZone> outside;
    dns::Name zone;  // one of cluster.zones, or of outside->zones
  };

  ClusterJournal(Of of, std::shared_ptr<records::Journal> journal)
      : of_(std::move(of)), journal_(std::move(journal)) {}

  [[nodiscard]] bool is_of(const Of& other) const;
  [[nodiscard]] const dns::Name& zone() const { return of_.zone; }

  /// Hears of the versions from now on, and of the last one at once.
  void tell(const std::shared_ptr<ZoneNews>& news);

  void keep(const zones::SnapshotPtr& version) override;
  void told() override;

  /// The last version; null until there is one of a cluster that has been read. Any thread.
  [[nodiscard]] std::unique_ptr<query::ListedZone> list() const;

 private:
  class Listed;
  [[nodiscard]] zones::WholeZone::Of parts() const {
    return {of_.cluster, of_.outside ? &*of_.outside : nullptr, of_.zone, is_compact()};
  }
  [[nodiscard]] bool is_compact() const { return !of_.outside; }
  [[nodiscard]] bool is_read(const zones::Snapshot& snapshot) const;
  void add_step(const zones::SnapshotPtr& version);

  const Of of_;
  const std::shared_ptr<records::Journal> journal_;
  const uint64_t epoch_ = net::Random().u64();  // of all versions that this one keeps
  std::vector<std::weak_ptr<ZoneNews>> news_;
  mutable std::mutex mutex_;  // held for a copy of the pointer
  zones::SnapshotPtr version_;
};

}  // namespace fairlead::plugins
