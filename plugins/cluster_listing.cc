#include "plugins/cluster_listing.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "net/asio.h"
#include "net/unix_time.h"
#include "query/zone_listing.h"
#include "zones/whole_zone.h"

namespace fairlead::plugins {
namespace {

using Outside = std::shared_ptr<const zones::OutsideZone>;

const std::vector<dns::Name>& zones_of(const Cluster& cluster, const Outside& outside) {
  return outside ? outside->zones : cluster.zone().zones;
}

class ListedCluster final : public query::ListedZone {
 public:
  ListedCluster(std::shared_ptr<const Cluster> cluster, Outside outside,
                zones::SnapshotPtr snapshot, const dns::Name& zone)
      : cluster_(std::move(cluster)),
        outside_(std::move(outside)),
        zone_({cluster_->zone(), outside_.get(), zone}, std::move(snapshot), net::unix_seconds()) {}

  [[nodiscard]] uint32_t serial() const override { return zone_.serial(); }
  void add_soa(dns::Answer& answer) const override { zone_.add_soa(answer); }
  bool next(dns::Answer& answer) override { return zone_.next(answer); }

 private:
  const std::shared_ptr<const Cluster> cluster_;
  const Outside outside_;
  zones::WholeZone zone_;
};

class ClusterLister final : public query::ZoneLister {
 public:
  ClusterLister(ClusterOf cluster, Outside outside)
      : cluster_(std::move(cluster)), outside_(std::move(outside)) {}

  [[nodiscard]] Found find(const query::Walk&, dns::NameView name) const override {
    const std::shared_ptr<const Cluster> cluster = cluster_();
    const auto& zones = zones_of(*cluster, outside_);
    const auto zone = std::ranges::find_if(
        zones, [&](const dns::Name& one) { return std::ranges::equal(one.view(), name); });
    if (zone == zones.end()) return {};
    zones::SnapshotPtr snapshot = cluster->newest();
    const bool whole =
        snapshot != nullptr && snapshot->synced() &&
        (outside_ || !cluster->zone().is_multicluster(*zone) || snapshot->imports_synced());
    // A zone of which nothing is known yet is not handed on as an empty one.
    if (!whole) return {.is_zone = true, .zone = nullptr};
    return {.is_zone = true,
            .zone = std::make_unique<ListedCluster>(cluster, outside_, std::move(snapshot), *zone)};
  }

 private:
  const ClusterOf cluster_;
  const Outside outside_;
};

// Looks at the cluster's serial every second, which is what it counts in. Control thread.
class ClusterNews : public std::enable_shared_from_this<ClusterNews> {
 public:
  ClusterNews(asio::io_context& context, std::shared_ptr<const Cluster> cluster, Outside outside,
              std::shared_ptr<ZoneNews> news)
      : timer_(context),
        cluster_(std::move(cluster)),
        outside_(std::move(outside)),
        news_(std::move(news)) {}

  void look() {
    const zones::SnapshotPtr snapshot = cluster_->newest();
    // Not before the second is over: what is fetched then has the serial to itself.
    if (snapshot && snapshot->synced() && snapshot->serial() != serial_ &&
        snapshot->serial() < net::unix_seconds()) {
      serial_ = snapshot->serial();
      for (const dns::Name& zone : zones_of(*cluster_, outside_)) news_->served(zone, serial_);
    }
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (self && !error) self->look();
    });
  }

 private:
  net::Timer timer_;
  const std::shared_ptr<const Cluster> cluster_;
  const Outside outside_;
  const std::shared_ptr<ZoneNews> news_;
  uint32_t serial_ = 0;
};

}  // namespace

void offer_cluster(const ClusterOf& cluster,
                   const std::shared_ptr<const zones::OutsideZone>& outside, Building& building) {
  building.offer(std::make_shared<const ClusterLister>(cluster, outside));
  const std::shared_ptr<ZoneNews>& news = building.zone_news();
  if (!news) return;
  building.while_served(
      [&context = building.site().control, cluster, outside, news]() -> std::shared_ptr<void> {
        const auto made = std::make_shared<ClusterNews>(context, cluster(), outside, news);
        made->look();
        return made;
      });
}

}  // namespace fairlead::plugins
