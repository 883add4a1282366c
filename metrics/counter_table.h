// Counters that live as long as the process, one set for each worker and label set: a reload keeps
// counting where it was.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metrics/family_set.h"

namespace fairlead::metrics {

/// Which series a query belongs to: the `server`, `zone` and `view` labels.
struct BlockLabels {
  std::string server;  // "dns://:53"
  std::string zone;    // "cluster.local."; kDroppedZone for what no zone matched
  std::string view;
  friend auto operator<=>(const BlockLabels&, const BlockLabels&) = default;
};
inline constexpr char kDroppedZone[] = "dropped";

/// Used by the control thread; what slot() gives out is its worker's to write and anybody's to
/// read.
class CounterTable {
 public:
  /// Beyond this many label sets a series is shared that says zone "other".
  static constexpr size_t kMost = 4096;

  virtual ~CounterTable() = default;

  /// One worker's counters of one label set; the same object whenever asked again, and valid as
  /// long as the table.
  virtual void* slot(const BlockLabels& labels, size_t worker) = 0;
  virtual void collect(FamilySet& families) const = 0;
};

template <class T>
class CounterTableOf final : public CounterTable {
 public:
  using Slots = std::map<BlockLabels, std::unique_ptr<std::vector<T>>>;  // a T for each worker
  using Collect = std::function<void(const Slots&, FamilySet&)>;

  CounterTableOf(size_t workers, Collect collect)
      : workers_(workers), collect_(std::move(collect)) {}

  void* slot(const BlockLabels& labels, size_t worker) override {
    const bool full = slots_.size() >= kMost && !slots_.contains(labels);
    auto& slot = slots_[full ? BlockLabels{labels.server, "other", ""} : labels];
    if (!slot) slot = std::make_unique<std::vector<T>>(workers_);
    return &slot->at(worker);
  }
  void collect(FamilySet& families) const override { collect_(slots_, families); }

 private:
  const size_t workers_;
  const Collect collect_;
  Slots slots_;
};

}  // namespace fairlead::metrics
