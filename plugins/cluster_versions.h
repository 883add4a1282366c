// The serials of a cluster whose zones are handed on: each stands for one state of it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "net/asio.h"
#include "net/clock.h"
#include "query/live_board.h"
#include "zones/snapshot.h"

namespace fairlead::plugins {

/// Has the versions of a zone. Used by the control thread.
class VersionKeeper {
 public:
  virtual ~VersionKeeper() = default;
  /// The version behind the last one. Nobody has been told its serial yet.
  virtual void keep(const zones::SnapshotPtr& version) = 0;
  /// Everybody is told it now.
  virtual void told() = 0;
};

/// Serial of the version behind one with `last`: the second that it is, but always a newer one.
uint32_t next_serial(uint32_t last, uint32_t now_unix_seconds);

/// The last serial of a version, of whichever cluster; one for the process. A zone that is watched
/// anew goes on from there. Control thread.
struct LastSerial {
  std::optional<uint32_t> serial;
};

/// One for each watch. Made by make_shared; used and destroyed by the control thread, but for
/// publish() and at(). Without a keeper it hands on what it is given, with the store's serials, and
/// does no more.
///
/// With one, answers are made of each snapshot at once, but say the serial of the last version. The
/// first change after a quiet second makes a version; those that follow make one together when a
/// second has passed. So a serial never runs ahead of the time of day, which a restart begins with.
class ClusterVersions final : public std::enable_shared_from_this<ClusterVersions> {
 public:
  using Place = query::LiveBoard::Place<zones::Snapshot>;
  static constexpr std::chrono::seconds kBetween{1};

  /// `control` must outlive it.
  ClusterVersions(asio::io_context& control, std::unique_ptr<Place> place,
                  std::shared_ptr<LastSerial> last)
      : control_(control), place_(std::move(place)), timer_(control), last_(std::move(last)) {}

  /// From now on this is the cluster. Any thread.
  void publish(const zones::SnapshotPtr& snapshot);
  [[nodiscard]] query::LiveAt<zones::Snapshot> at() const { return place_->at(); }

  /// There is a version for it soon, of its own if there was one: zones that are made of other
  /// options are others.
  void add(const std::shared_ptr<VersionKeeper>& keeper);

 private:
  void look_soon();
  void look();
  void make(const zones::SnapshotPtr& newest);
  void serve(uint32_t serial);

  asio::io_context& control_;
  std::atomic<bool> wanted_ = false;   // there are keepers
  std::atomic<bool> looking_ = false;  // look() is on its way

  std::mutex mutex_;  // held for the time of a publication
  const std::unique_ptr<Place> place_;
  zones::SnapshotPtr newest_;  // as it came
  uint32_t serial_ = 0;        // that is told
  bool numbered_ = false;      // it is that of a version

  // Of the control thread.
  net::Timer timer_;
  const std::shared_ptr<LastSerial> last_;
  std::vector<std::weak_ptr<VersionKeeper>> keepers_;
  bool for_new_ = false;     // one of them has none yet
  zones::SnapshotPtr kept_;  // what the last version was made of; null: there was none
  net::Clock::time_point made_;
};

}  // namespace fairlead::plugins
