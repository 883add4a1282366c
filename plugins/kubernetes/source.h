// The watch of one cluster behind `kubernetes` directives, kept over reloads.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "k8s-watch/watch.h"
#include "net/asio.h"
#include "net/log.h"
#include "plugins/cluster_versions.h"
#include "plugins/kubernetes/families.h"
#include "plugins/kubernetes/source_facts.h"
#include "plugins/kubernetes/source_troubles.h"
#include "plugins/watch_thread.h"
#include "query/live_board.h"
#include "zones/snapshot.h"

namespace fairlead::plugins::kubernetes {

/// How clusters are watched: one for the process (Kept::process), where a test puts its own.
struct Watching {
  std::function<std::unique_ptr<k8s_watch::ClusterWatch>(
      asio::io_context&, const k8s_watch::WatchOptions&, k8s_watch::Publish,
      std::shared_ptr<k8s_watch::Observer>)>
      make = k8s_watch::make_watch;
};

/// One for all directives with the same options. Runs on a thread of its own. Owned by the control
/// thread.
class Source {
 public:
  /// Every snapshot is published on the source's thread. `log` must outlive it. Throws
  /// std::runtime_error when the options cannot be used (an unreadable kubeconfig, no cluster to be
  /// in).
  Source(const k8s_watch::WatchOptions& options, net::LogSink& log,
         std::shared_ptr<KubernetesFamilies> families, std::shared_ptr<ClusterVersions> versions,
         const Watching& watching = {});

  /// Stops the watch and waits for its thread.
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  void start();

  [[nodiscard]] const k8s_watch::WatchOptions& options() const { return options_; }
  [[nodiscard]] query::LiveAt<zones::Snapshot> at() const { return versions_->at(); }
  [[nodiscard]] const std::shared_ptr<ClusterVersions>& versions() const { return versions_; }

  /// Everything was listed once. Any thread.
  [[nodiscard]] bool synced() const { return synced_.load(); }

  /// Why kinds of it cannot be read at the moment: SourceTroubles::lines(). Any thread.
  [[nodiscard]] std::string troubles() const { return troubles_->lines(); }

  /// Whether it was listed, how many objects there are, and since when nothing was heard of them.
  /// Any thread.
  [[nodiscard]] std::vector<StatusLine> status() const;

 private:
  void give_back_memory_later();

  const k8s_watch::WatchOptions options_;
  net::LogSink& log_;
  const std::shared_ptr<KubernetesFamilies> families_;
  const std::shared_ptr<ClusterVersions> versions_;
  std::atomic<bool> synced_ = false;
  const std::shared_ptr<SourceTroubles> troubles_ = std::make_shared<SourceTroubles>();
  const std::shared_ptr<SourceFacts> facts_ = std::make_shared<SourceFacts>();
  WatchThread thread_;
  asio::steady_timer settled_;                      // touched by `thread_`
  std::unique_ptr<k8s_watch::ClusterWatch> watch_;  // touched by `thread_` once that runs
};

}  // namespace fairlead::plugins::kubernetes
