// A `kubernetes` directive as it is used: what is said of names, and where the cluster is.
#pragma once

#include <chrono>

#include "corefile/cursor.h"
#include "k8s-watch/watch.h"
#include "plugins/kubernetes/setup.h"
#include "zones/cluster_zone.h"

namespace fairlead::plugins::kubernetes {

struct Config {
  zones::ClusterZone zone;
  k8s_watch::WatchOptions watch;
  std::chrono::nanoseconds startup_timeout{};
};

/// Throws corefile::ConfigError at the cursor.
Config make_config(const corefile::Cursor& cursor, const Options& options);

}  // namespace fairlead::plugins::kubernetes
