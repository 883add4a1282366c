// What a question asks of a cluster, as far as it says so itself: read once, for whoever fetches
// from memory and for whoever answers.
#pragma once

#include <cstdint>
#include <optional>

#include "dns/address.h"
#include "dns/query.h"
#include "zones/cluster_zone.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// Refers to the zone and to nothing of the snapshot.
struct Aim {
  enum class Tree : uint8_t { Neither, Services, Pods };  // below "svc" or "pod"

  /// For the longest zone of `cluster` that the name is in.
  Aim(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query);
  /// For `in`, one of the zones of `cluster`, which the name is in.
  Aim(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query,
      const dns::Name& in);

  const dns::Name* zone;      // null: nothing of what follows is set
  uint64_t seed;              // of the snapshots that the hashes are for
  size_t labels = 0;          // in front of the zone
  bool reverse = false;       // below in-addr.arpa or ip6.arpa
  bool multicluster = false;  // services are those of the cluster set
  Tree tree = Tree::Neither;
  uint32_t address_hash = 0;              // when there is an address
  uint32_t namespace_hash = 0;            // in a tree, of two labels and more
  uint32_t service_hash = 0;              // in that of services, of three and more
  std::optional<dns::IpAddress> address;  // that a whole reverse name spells

 private:
  void read(const ClusterZone& cluster, const dns::Query& query);
  void read_address(const dns::Query& query);
  void read_tree(const dns::Query& query);
};

}  // namespace fairlead::zones
