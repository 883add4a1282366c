// A cluster in memory, and what the server watches of it: its objects come from the lines of a
// scenario instead of an API server.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "k8s-watch/watch.h"
#include "zones/store.h"

namespace fairlead::scenarios {

/// Throws when it is none.
dns::IpAddress address_of(const std::string& text);

/// Used by one thread. Must outlive the watches it makes.
class Cluster {
 public:
  /// Puts every object of a YAML text in, as the `manifests` option would. Throws when one is
  /// skipped.
  void load_yaml(const std::string& text);

  /// One line that changes the cluster; true when it is such a line (see README.md). Throws when
  /// the line is wrong.
  bool change(std::string_view line);

  /// The first list is not complete until sync().
  void unsync() { synced_ = false; }
  void sync() { synced_ = true; }

  /// Tells all who watch what has changed.
  void publish();

  /// What stands in for k8s_watch::make_watch(): a watch that knows all that has been put in so
  /// far.
  std::unique_ptr<k8s_watch::ClusterWatch> watch(const k8s_watch::WatchOptions& options,
                                                 k8s_watch::Publish publish);

 private:
  class Watch;
  using Change = std::function<void(Watch&)>;
  void apply(Change change);
  void put_line(const std::string& kind, std::istream& in);

  bool synced_ = true;
  bool imports_ = true;          // can be listed
  std::vector<Change> history_;  // for those who begin to watch later
  std::vector<Watch*> watches_;
};

}  // namespace fairlead::scenarios
