// A cluster, read once to explain answers: the snapshot that answers are made from, and the objects
// behind it.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "k8s-watch/object_query.h"
#include "k8s-watch/watch.h"
#include "zones/snapshot.h"

namespace fairlead::plugins::kubernetes {

/// What the API server or the manifests declared, by name. Ready endpoints only, as everywhere.
struct Inventory {
  std::set<std::string> namespaces;
  std::set<zones::ObjectKey> services;
  std::map<zones::ObjectKey, zones::EndpointSlice> slices;
  std::map<zones::ObjectKey, zones::Pod> pods;
};

struct ClusterView {
  zones::SnapshotPtr snapshot = std::make_shared<const zones::Snapshot>();
  Inventory objects;
  std::string trouble;                     // why not everything could be read; empty when it was
  std::array<bool, zones::kKinds> read{};  // which kinds have been listed to their end

  /// More of single objects, asked for when it is wanted; null: nobody can be asked.
  k8s_watch::ObjectSource details;

  [[nodiscard]] bool knows(zones::Kind kind) const { return read[static_cast<size_t>(kind)]; }
};

/// Lists the cluster as the server does, waits up to `patience` for the end of it, and stops.
/// Throws std::runtime_error when the options cannot be used at all.
ClusterView load_cluster(const k8s_watch::WatchOptions& options, std::chrono::seconds patience);

}  // namespace fairlead::plugins::kubernetes
