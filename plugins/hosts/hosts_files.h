// The tables of `hosts` directives: read, watched for changes, handed to the workers.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metrics/backend_metrics.h"
#include "net/asio.h"
#include "net/log.h"
#include "plugins/hosts/file_watch.h"
#include "plugins/hosts/setup.h"

namespace fairlead::plugins::hosts {

using HostsPtr = std::shared_ptr<const plugins::hosts::Table>;

/// Used by the control thread.
class HostsFiles {
 public:
  /// `publish` is called with every new table and the number acquire() gave for it.
  using Publish = std::function<void(size_t number, const HostsPtr& table)>;
  HostsFiles(asio::io_context& context, net::LogSink& log, Publish publish);

  /// Reads what `options` names, publishes it, and watches it from now on. The same number as
  /// before for options that are in use already.
  size_t acquire(const plugins::hosts::Options& options);

  /// Stops watching all others. Their numbers are used again.
  void keep_only(const std::vector<std::optional<size_t>>& numbers);

  void stop() { keep_only({}); }

  [[nodiscard]] std::vector<metrics::BackendTotals::HostsFile> totals() const;

 private:
  struct File {
    File(asio::io_context& context, const plugins::hosts::Options& given)
        : options(given), watch(given), timer(context) {}
    const plugins::hosts::Options options;
    plugins::hosts::FileWatch watch;
    asio::steady_timer timer;
  };

  void check(size_t number);
  void schedule(size_t number);

  asio::io_context& context_;
  net::LogSink& log_;
  const Publish publish_;
  std::vector<std::shared_ptr<File>> files_;  // null: a number that is free
};

}  // namespace fairlead::plugins::hosts
