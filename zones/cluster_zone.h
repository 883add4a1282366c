// What one `kubernetes` directive says about answering: zones, TTL, which names are served. The
// data is in the snapshot.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "dns/name.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// The longest of `zones` that `lower_name` is at or below; null when there is none.
const dns::Name* longest_of(std::span<const dns::Name> zones, dns::NameView lower_name);

enum class PodMode : uint8_t { Disabled, Insecure, Verified };

/// Constant after construction; read by any thread. All names are lower case.
struct ClusterZone {
  std::vector<dns::Name> zones;         // forward and reverse
  std::vector<dns::Name> multicluster;  // those of them that are of the cluster set: imports
  size_t primary = 0;                   // index of the first forward zone: PTR targets end in it
  uint32_t ttl = 5;
  std::optional<uint32_t> denial_ttl;   // of the SOA of a denial; none: ttl
  std::optional<uint32_t> soa_minimum;  // likewise
  PodMode pods = PodMode::Disabled;
  bool ignore_empty_service = false;
  bool zonal = false;                   // endpoints are asked for by zone, too
  std::vector<std::string> namespaces;  // the `namespaces` option; empty: all
  bool has_fallthrough = false;
  std::vector<dns::Name> fallthrough_zones;     // empty with has_fallthrough: every name
  std::vector<dns::IpAddress> local_addresses;  // of this server, for the apex's NS

  friend bool operator==(const ClusterZone&, const ClusterZone&) = default;

  /// The longest of `zones` that `lower_qname` is at or below; null when there is none.
  [[nodiscard]] const dns::Name* zone_of(dns::NameView lower_qname) const {
    return longest_of(zones, lower_qname);
  }

  /// `zone`, one of `zones`, is of the cluster set.
  [[nodiscard]] bool is_multicluster(const dns::Name& zone) const {
    return !multicluster.empty() && std::ranges::find(multicluster, zone) != multicluster.end();
  }

  /// The namespace exists and the `namespaces` option does not hide it.
  [[nodiscard]] bool exposes(const Snapshot& snapshot, std::string_view namespace_name) const {
    return !hides(namespace_name) && snapshot.has_namespace(namespace_name);
  }
  /// The `namespaces` option does.
  [[nodiscard]] bool hides(std::string_view namespace_name) const {
    return !namespaces.empty() && std::ranges::find(namespaces, namespace_name) == namespaces.end();
  }

  /// Addresses of that namespace's services have names: the `namespaces` option does not hide it.
  [[nodiscard]] bool exposes_pointers(const Snapshot& snapshot,
                                      std::string_view namespace_name) const {
    return namespaces.empty() || exposes(snapshot, namespace_name);
  }

  /// A name that does not exist here is passed on to the next directive.
  [[nodiscard]] bool falls_through(dns::NameView lower_qname) const;
};

}  // namespace fairlead::zones
