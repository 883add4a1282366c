// What answers come from and outlives a configuration: caches and upstreams. A reload that changes
// neither keeps their contents, health and counters.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "query/server_block.h"
#include "server/config.h"

namespace fairlead::server {

/// Used by the control thread.
class Backends {
 public:
  explicit Backends(size_t workers) : workers_(workers) {}

  /// The caches and upstreams of a block, those of a block served now with the same keys and
  /// settings if there is one. Resolves upstreams that are given by name (blocking). Throws
  /// std::runtime_error when one cannot be used: an unknown name, a TLS file.
  query::BlockResources acquire(const BlockConfig& block);

  /// Forgets what no block uses any more, but not what it has counted.
  void collect_garbage();

  /// Of all upstreams since the process started.
  [[nodiscard]] std::vector<forward::GroupTotals> totals() const;

 private:
  static constexpr size_t kMostRetired = 1024;

  struct KeptCache {
    CacheConfig config;
    std::vector<ForwardConfig> forwards;
    std::shared_ptr<cache::Cache> cache;
  };

  std::shared_ptr<cache::Cache> cache_of(const BlockConfig& block);
  plugins::forward::ForwardLine line_of(const ForwardConfig& config);
  void retire(const forward::Group& group);

  const size_t workers_;
  std::map<std::string, KeptCache> caches_;  // by the keys of their block
  std::vector<std::shared_ptr<forward::Group>> groups_;
  forward::GroupTotals retired_;  // of the groups that are gone
};

}  // namespace fairlead::server
