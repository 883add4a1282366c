// What a cluster's zone has beside its plain records where one server hands it to another that
// computes names, too: an EDNS option says that it does, and records of private types say how (see
// plugins/transfer/README.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dns/edns_option.h"
#include "dns/name.h"
#include "dns/types.h"

namespace fairlead::dns {

/// For local use (RFC 6891 §9). Its data is one octet: in a query the newest version that the
/// client knows, in a reply that of the zone.
inline constexpr auto kCompactOption = static_cast<OptionCode>(65188);
inline constexpr uint8_t kCompactVersion = 1;

/// For private use (RFC 6895 §3.1). One record of rules at kRulesLabel.ZONE; in a forward zone one
/// mark at NAMESPACE.svc.ZONE for each namespace that the zone shows, and where its rules say
/// `zonal` one at kZonesLabel.SERVICE.NAMESPACE.svc.ZONE for each headless service. Below that
/// stand plain records of the endpoints in each zone: TZ.pin in front of it.
inline constexpr RrType kClusterRules{65280};
inline constexpr RrType kNamespaceMark{65281};
inline constexpr RrType kZonesMark{65283};
inline constexpr const char* kRulesLabel = "_fairlead";
inline constexpr const char* kZonesLabel = "_zone";
inline constexpr std::array<uint8_t, 1> kMark{kCompactVersion};

constexpr bool is_private(RrType type) {
  return type == kClusterRules || type == kNamespaceMark || type == kZonesMark;
}
/// A zone has it for the compact form alone: it is private, or of a name below kZonesLabel.
bool is_of_compact_form(NameView owner, RrType type);

/// How names of a cluster's zone are answered that cannot be listed.
struct ClusterRules {
  enum class Pods : uint8_t { Disabled, Insecure, Verified };

  Pods pods = Pods::Disabled;
  bool says_name_servers = true;  // else the NS record is for those who take no zone without one
  bool of_cluster_set = false;    // ENDPOINT.CLUSTER may stand in front of a service
  bool zonal = false;             // endpoints are asked for by zone, too
  uint32_t ttl = 0;               // of what is computed, in seconds
  uint32_t denial_ttl = 0;        // of the SOA in a denial

  friend bool operator==(const ClusterRules&, const ClusterRules&) = default;
};

/// As rdata: version, mode of pods, flags, TTL, TTL of denials.
inline constexpr size_t kRulesSize = 11;
std::array<uint8_t, kRulesSize> rules_octets(const ClusterRules& rules);

/// None: another size or version, or a value that no server says.
std::optional<ClusterRules> read_rules(std::span<const uint8_t> rdata);

/// Adds the option, as it stands in a query, to other options.
void add_compact_option(std::vector<uint8_t>& options);

/// The option's data, of a query, is of a client that can have the compact form.
bool takes_compact(std::span<const uint8_t> data);

}  // namespace fairlead::dns
