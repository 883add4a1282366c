// The table of a `hosts` directive: read, watched for changes, published to the workers.
#pragma once

#include <memory>
#include <string>

#include "metrics/family_set.h"
#include "net/asio.h"
#include "net/log.h"
#include "plugins/hosts/file_watch.h"
#include "plugins/hosts/setup.h"
#include "plugins/hosts/table.h"
#include "query/live_board.h"

namespace fairlead::plugins::hosts {

/// One for all directives that say the same, kept over reloads. Made by make_shared; used and
/// destroyed by the control thread.
class Source : public std::enable_shared_from_this<Source> {
 public:
  using Place = query::LiveBoard::Place<Table>;

  /// `context` and `log` must outlive it.
  Source(const Options& options, asio::io_context& context, net::LogSink& log,
         std::unique_ptr<Place> place);

  /// Reads what the options name, publishes it, and watches it from now on.
  void start();

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] query::LiveAt<Table> at() const { return place_->at(); }

  /// coredns_hosts_entries and coredns_hosts_reload_timestamp_seconds.
  void collect(metrics::FamilySet& families) const;

 private:
  void check();

  const Options options_;
  net::LogSink& log_;
  const std::unique_ptr<Place> place_;
  FileWatch watch_;
  net::Timer timer_;
};

}  // namespace fairlead::plugins::hosts
