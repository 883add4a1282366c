// The mirror of one etcd behind `etcd` directives, kept over reloads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "metrics/family_set.h"
#include "net/log.h"
#include "plugins/built.h"
#include "plugins/etcd/mirror.h"
#include "plugins/watch_thread.h"
#include "query/live_board.h"

namespace fairlead::plugins::etcd {

/// How etcd is followed: one for the process (Kept::process), where a test puts its own.
struct Mirroring {
  std::function<std::unique_ptr<Mirror>(asio::io_context&, const MirrorOptions&, Publish,
                                        MirrorObserver&)>
      make = make_mirror;
};

/// One for all directives with the same options. Runs on a thread of its own. Owned by the control
/// thread.
class Source final : private MirrorObserver {
 public:
  using Place = query::LiveBoard::Place<Tree>;

  /// `log` must outlive it.
  Source(const MirrorOptions& options, net::LogSink& log, std::unique_ptr<Place> place,
         const Mirroring& mirroring);
  /// Stops the mirror and waits for its thread.
  ~Source() override;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  void start();

  [[nodiscard]] const MirrorOptions& options() const { return options_; }
  [[nodiscard]] query::LiveAt<Tree> at() const { return place_->at(); }

  // Any thread.

  /// All keys were read once.
  [[nodiscard]] bool synced() const { return synced_.load(); }
  /// "\netcd: TEXT" when it cannot be read at the moment.
  [[nodiscard]] std::string trouble_line() const;
  [[nodiscard]] std::vector<StatusLine> status() const;
  /// fairlead_etcd_*, see docs/metrics.md.
  void collect(metrics::FamilySet& families) const;

 private:
  void log(net::LogLevel level, const std::string& text) override;
  void skipped(const std::string& reason) override;
  void requested(const std::string& operation, const std::string& code) override;
  void listed(const std::string& reason) override;
  void heard() override;
  void trouble(const std::string& text) override;
  void publish(std::shared_ptr<const Tree> tree);

  const MirrorOptions options_;
  net::LogSink& log_;
  const std::unique_ptr<Place> place_;
  std::atomic<bool> synced_ = false;

  mutable std::mutex mutex_;  // of what is told of it
  std::string trouble_;
  size_t keys_ = 0;
  net::Clock::time_point heard_;
  std::map<std::string, uint64_t> skipped_, listed_;
  std::map<std::pair<std::string, std::string>, uint64_t> requested_;

  WatchThread thread_;
  std::unique_ptr<Mirror> mirror_;  // touched by `thread_` once that runs
};

}  // namespace fairlead::plugins::etcd
