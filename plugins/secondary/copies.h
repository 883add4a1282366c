// The zones of one block that are copies, and who may say that they have changed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dns/address.h"
#include "metrics/family_set.h"
#include "net/asio.h"
#include "net/log.h"
#include "plugins/built.h"
#include "plugins/published_zones.h"
#include "plugins/secondary/follower.h"
#include "plugins/secondary/members.h"
#include "plugins/secondary/setup.h"
#include "plugins/secondary/turns.h"
#include "query/notified.h"

namespace fairlead::plugins::secondary {

/// Hears from other servers, for the followers. All workers have it.
class Ear final : public query::Notified {
 public:
  /// `control` and `log` must outlive it.
  Ear(asio::io_context& control, net::LogSink& log) : control_(control), log_(log) {}

  /// These are followed from now on. Control thread.
  void listen_for(const std::vector<std::shared_ptr<Follower>>& followers);

  /// NOERROR for a server that the zone is copied from, else REFUSED; NOTAUTH for what is no zone
  /// of the block. Takes a lock for the time of a lookup.
  [[nodiscard]] dns::Rcode hear(const dns::Query& query,
                                const dns::IpAddress& client) const override;

 private:
  // Of one zone.
  struct Zone {
    Primaries primaries;
    std::weak_ptr<Follower> follower;  // locked by the control thread only
    std::atomic<bool> told = false;    // a message to that is on its way
  };
  using Zones = std::map<std::string, std::shared_ptr<Zone>, std::less<>>;  // by name in wire form
  [[nodiscard]] std::shared_ptr<Zone> find(dns::NameView name) const;
  void refuse(const dns::Query& query, const dns::IpAddress& client) const;

  asio::io_context& control_;
  net::LogSink& log_;
  mutable std::mutex mutex_;
  Zones zones_;
  mutable std::atomic<uint64_t> refused_at_ = 0;  // net::now_ns, of the last line in the log
};

/// Made by make_shared; used and destroyed by the control thread.
class Copies final : public PublishedZones, public std::enable_shared_from_this<Copies> {
 public:
  using Followers = std::vector<std::shared_ptr<Follower>>;

  /// `followers` are those of `sources`, in their order.
  Copies(std::unique_ptr<Place> place, Tools tools, Sources sources, Followers followers);

  /// The workers learn of the zones, now and when one changes. `earlier` is what add_to()
  /// of a block before this one has told.
  void start(Members::Earlier earlier);

  [[nodiscard]] const Sources& sources() const { return sources_; }
  void add_to(Members::Earlier& earlier) const { members_->add_to(earlier); }
  [[nodiscard]] const std::shared_ptr<Ear>& ear() const { return ear_; }

  /// fairlead_secondary_*, see docs/metrics.md.
  void collect(metrics::FamilySet& families) const;
  [[nodiscard]] std::vector<StatusLine> status() const;

 private:
  [[nodiscard]] Followers all() const;
  void changed(size_t number);
  void publish();

  const Tools tools_;
  const Sources sources_;
  const Followers followers_;
  const std::shared_ptr<Ear> ear_;
  std::unique_ptr<Members> members_;
};

}  // namespace fairlead::plugins::secondary
