#include "plugins/cluster_versions.h"

#include <algorithm>
#include <utility>

#include "dns/numbers.h"
#include "net/unix_time.h"

namespace fairlead::plugins {

uint32_t next_serial(uint32_t last, uint32_t now_unix_seconds) {
  return dns::is_newer(now_unix_seconds, last) ? now_unix_seconds : last + 1;
}

void ClusterVersions::publish(const zones::SnapshotPtr& snapshot) {
  const bool wanted = wanted_;
  {
    const std::lock_guard lock(mutex_);
    newest_ = snapshot;
    const bool has_own = !numbered_ || (!wanted && dns::is_newer(snapshot->serial(), serial_));
    if (has_own) serial_ = snapshot->serial();
    place_->publish(serial_ == snapshot->serial() ? snapshot : snapshot->with_serial(serial_));
  }
  if (wanted) look_soon();
}

void ClusterVersions::add(const std::shared_ptr<VersionKeeper>& keeper) {
  const auto same = [&](const auto& known) { return known.lock() == keeper; };
  if (std::ranges::any_of(keepers_, same)) return;
  keepers_.push_back(keeper);
  wanted_ = for_new_ = true;
  look_soon();
}

void ClusterVersions::look_soon() {
  if (looking_.exchange(true)) return;
  asio::post(control_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->look();
  });
}

void ClusterVersions::look() {
  looking_ = false;
  std::erase_if(keepers_, [](const auto& keeper) { return keeper.expired(); });
  if (keepers_.empty()) {
    wanted_ = false;
    kept_.reset();
    return;
  }
  const zones::SnapshotPtr newest = [this] {
    const std::lock_guard lock(mutex_);
    return newest_;
  }();
  if (!newest || !newest->synced() || (newest == kept_ && !for_new_)) return;
  if (kept_ && !for_new_ && net::Clock::now() < made_ + kBetween) {
    timer_.expires_at(made_ + kBetween);
    return timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (self && !error) self->look();
    });
  }
  make(newest);
}

// The first of all has the serial that is told already.
void ClusterVersions::make(const zones::SnapshotPtr& newest) {
  uint32_t serial = [this] {
    const std::lock_guard lock(mutex_);
    return serial_;
  }();
  if (last_->serial)
    serial = next_serial(dns::is_newer(serial, *last_->serial) ? serial : *last_->serial,
                         net::unix_seconds());
  last_->serial = serial;
  const zones::SnapshotPtr version = newest->with_serial(serial);
  kept_ = newest;
  made_ = net::Clock::now();
  for_new_ = false;
  for (const auto& weak : keepers_)
    if (const auto keeper = weak.lock()) keeper->keep(version);
  serve(serial);
  for (const auto& weak : keepers_)
    if (const auto keeper = weak.lock()) keeper->told();
}

// What has changed since is told with it, and has the next version.
void ClusterVersions::serve(uint32_t serial) {
  bool later = false;
  {
    const std::lock_guard lock(mutex_);
    serial_ = serial;
    numbered_ = true;
    place_->publish(newest_->with_serial(serial));
    later = newest_ != kept_;
  }
  if (later) look_soon();
}

}  // namespace fairlead::plugins
