// Where watches put their snapshots and workers find them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "zones/snapshot.h"

namespace fairlead::query {

/// The newest snapshot of every source. Workers look when they have something to answer: a change
/// of the cluster wakes nobody up. Any thread.
class SnapshotBoard {
 public:
  void publish(size_t source, zones::SnapshotPtr snapshot) {
    const std::lock_guard lock(mutex_);
    if (snapshots_.size() <= source) snapshots_.resize(source + 1);
    snapshots_[source].swap(snapshot);
    changes_.fetch_add(1, std::memory_order_release);
  }  // the old one is destroyed behind the lock: it is the parameter

  /// How often something was published: as cheap to ask as a plain number.
  [[nodiscard]] uint64_t changes() const { return changes_.load(std::memory_order_acquire); }

  /// Copies what there is; sources without a snapshot yet are left as they are. Returns what
  /// changes() was then.
  uint64_t read(std::vector<zones::SnapshotPtr>& out) const {
    const std::lock_guard lock(mutex_);
    if (out.size() < snapshots_.size()) out.resize(snapshots_.size(), nothing());
    for (size_t i = 0; i < snapshots_.size(); ++i) {
      if (snapshots_[i]) out[i] = snapshots_[i];
    }
    return changes_.load(std::memory_order_relaxed);
  }

  /// A source that has published nothing yet reads as a cluster that has not synced.
  static zones::SnapshotPtr nothing() { return std::make_shared<const zones::Snapshot>(); }

 private:
  mutable std::mutex mutex_;
  std::vector<zones::SnapshotPtr> snapshots_;  // by source
  std::atomic<uint64_t> changes_{0};
};

}  // namespace fairlead::query
