// The kubernetes directive: which cluster, which zones, which records.
#pragma once

#include <chrono>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "k8s-watch/watch.h"
#include "zones/cluster_zone.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::kubernetes {

// A `kubernetes` directive as it is used: what is said of names, and where the cluster is:
// manifests, else kubeconfig, else endpoint, else the cluster this process runs in.
struct Config {
  zones::ClusterZone zone;
  k8s_watch::WatchOptions watch;
  std::chrono::nanoseconds startup_timeout = std::chrono::seconds(5);
};

// Throws corefile::ConfigError, also on a second use in one block.
Config parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::kubernetes
