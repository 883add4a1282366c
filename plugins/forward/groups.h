// The upstreams behind `forward` lines, over reloads: lines that say the same share them.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "forward/group.h"
#include "plugins/building.h"
#include "plugins/client_tls.h"
#include "plugins/forward/setup.h"

namespace fairlead::plugins::forward {

/// What all upstreams have counted since the process started. Control thread.
class GroupTotals {
 public:
  void add(const fairlead::forward::Group& group) { groups_.push_back(&group); }

  /// The group is about to go: what it has counted stays.
  void retire(const fairlead::forward::Group& group);

  /// Of all groups; gauges of the present ones have the last word.
  [[nodiscard]] std::vector<fairlead::forward::GroupTotals> all() const;

 private:
  static constexpr size_t kMostRetired = 1024;

  std::list<const fairlead::forward::Group*> groups_;
  fairlead::forward::GroupTotals retired_;
};

/// A group in Kept.
struct KeptGroup {
  KeptGroup(std::shared_ptr<fairlead::forward::Group> made, TlsFiles seen,
            std::shared_ptr<GroupTotals> totals);
  ~KeptGroup() { totals->retire(*group); }
  KeptGroup(const KeptGroup&) = delete;
  KeptGroup& operator=(const KeptGroup&) = delete;

  const std::shared_ptr<fairlead::forward::Group> group;
  const TlsFiles files;  // that it was made of
  const std::shared_ptr<GroupTotals> totals;
};

/// A line for each upstream: up, with its speed, or down, since when and why.
std::vector<StatusLine> status_of(const fairlead::forward::Group& group);

/// Upstreams that are given by name are resolved now (blocking). Throws std::runtime_error when one
/// has no address.
fairlead::forward::Settings engine_settings(const Options& options);

/// The group with these settings: one that is used already if there is one and its TLS files are as
/// they were. Throws std::runtime_error: a TLS file that cannot be used.
std::shared_ptr<KeptGroup> keep_group(const fairlead::forward::Settings& settings,
                                      Building& building);

}  // namespace fairlead::plugins::forward
