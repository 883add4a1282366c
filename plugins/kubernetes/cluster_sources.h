// The watches behind the kubernetes directives: one for each different set of options, kept over
// reloads.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "k8s-watch/watch.h"
#include "metrics/metrics.h"
#include "net/log.h"
#include "zones/snapshot.h"

namespace fairlead::plugins::kubernetes {

/// Owned and called by the control thread. Each watch runs on a thread of its own, so that a long
/// list never delays a probe of /health or another cluster's changes.
class ClusterSources {
 public:
  /// Sources by number; empty for a block that has none.
  using Numbers = std::vector<std::optional<size_t>>;

  /// `publish` is called on the source's thread with every snapshot of a source, and, once a source
  /// was stopped by keep_only(), with an empty one on the caller's: nobody needs to keep its data.
  /// `log` and `metrics` must outlive this.
  using Publish = std::function<void(size_t source, const zones::SnapshotPtr&)>;
  ClusterSources(net::LogSink& log, metrics::Metrics& metrics, Publish publish);

  /// Stops all watches and waits for their threads.
  ~ClusterSources();
  ClusterSources(const ClusterSources&) = delete;
  ClusterSources& operator=(const ClusterSources&) = delete;

  /// The source with these options: the running one, else a new one, started now. Throws
  /// std::runtime_error when the options cannot be used (an unreadable kubeconfig, no cluster to be
  /// in). The number of a stopped source is given again.
  size_t acquire(const k8s_watch::WatchOptions& options);

  /// Stops every source but these, and waits for their threads.
  void keep_only(const Numbers& sources);

  /// Everything was listed once.
  [[nodiscard]] bool synced(size_t source) const;

  /// Why kinds of it cannot be read at the moment: SourceTroubles::lines().
  [[nodiscard]] std::string troubles(size_t source) const;

 private:
  struct Source;

  net::LogSink& log_;
  metrics::Metrics& metrics_;
  Publish publish_;
  std::vector<std::unique_ptr<Source>> sources_;  // by number; null: free
};

}  // namespace fairlead::plugins::kubernetes
