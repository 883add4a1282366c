// The writer's side of the cluster zone: takes objects, hands out immutable snapshots.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "zones/objects.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// What the store keeps, fixed for its life.
struct StoreOptions {
  bool endpoint_pod_names =
      false;  // an endpoint without a host name is called by its pod's name (shorter than 64)
};

/// What one call of put() or end_relist() changed, for metrics and logs.
enum class Change : uint8_t { None, Added, Updated, Removed };

/// All objects of one cluster. Used by one thread (the watch thread); the snapshots it hands out
/// may be read by any. A change costs its own size plus a short path, not the cluster's; what two
/// snapshots have in common they share.
class Store {
 public:
  explicit Store(StoreOptions options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Change put(const Namespace& object);
  Change put(const Service& object);
  Change put(const EndpointSlice& object);
  Change put(const Pod& object);
  Change put(const ServiceImport& object);
  Change erase(Kind kind, const ObjectKey& key);

  /// A relist streams a complete list of one kind through put(); whatever was not put between begin
  /// and end is gone from the cluster. Nothing goes missing meanwhile. end_relist returns how many
  /// objects it removed. Nested calls restart the list.
  void begin_relist(Kind kind);
  size_t end_relist(Kind kind);

  /// All kinds but imports have been listed once: from now on a name that is not here does not
  /// exist.
  void set_synced();
  [[nodiscard]] bool synced() const;
  /// The same for imports, which may not be there to be listed.
  void set_imports_synced();

  /// True when something changed since the last freeze().
  [[nodiscard]] bool dirty() const;

  /// The state now. Cheap; the store goes on from a shared copy. `now` becomes the SOA serial if
  /// anything changed.
  std::shared_ptr<const Snapshot> freeze(uint32_t now_unix_seconds);

  [[nodiscard]] size_t size(Kind kind) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fairlead::zones
