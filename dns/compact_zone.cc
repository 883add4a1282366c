#include "dns/compact_zone.h"

#include <algorithm>
#include <string_view>

#include "dns/numbers.h"
#include "dns/writer.h"

namespace fairlead::dns {
namespace {

constexpr uint8_t kNoNameServers = 1;
constexpr uint8_t kOfClusterSet = 2;
constexpr uint8_t kZonal = 4;
constexpr uint8_t kAllFlags = kNoNameServers | kOfClusterSet | kZonal;
constexpr uint32_t kLongestTtl = 0x7fffffff;  // RFC 2181 §8

}  // namespace

bool is_of_compact_form(NameView owner, RrType type) {
  if (is_private(type)) return true;
  const std::string_view label(kZonesLabel);
  for (size_t at = 0; owner[at] != 0; at += owner[at] + 1U)
    if (std::ranges::equal(owner.subspan(at + 1, owner[at]), label)) return true;
  return false;
}

std::array<uint8_t, kRulesSize> rules_octets(const ClusterRules& rules) {
  std::array<uint8_t, kRulesSize> octets{kCompactVersion, static_cast<uint8_t>(rules.pods)};
  if (!rules.says_name_servers) octets[2] |= kNoNameServers;
  if (rules.of_cluster_set) octets[2] |= kOfClusterSet;
  if (rules.zonal) octets[2] |= kZonal;
  put32(put32(octets.data() + 3, rules.ttl), rules.denial_ttl);
  return octets;
}

std::optional<ClusterRules> read_rules(std::span<const uint8_t> rdata) {
  if (rdata.size() != kRulesSize || rdata[0] != kCompactVersion) return std::nullopt;
  const auto pods = static_cast<ClusterRules::Pods>(rdata[1]);
  if (pods > ClusterRules::Pods::Verified || (rdata[2] & ~kAllFlags) != 0) return std::nullopt;
  const ClusterRules rules{
      .pods = pods,
      .says_name_servers = (rdata[2] & kNoNameServers) == 0,
      .of_cluster_set = (rdata[2] & kOfClusterSet) != 0,
      .zonal = (rdata[2] & kZonal) != 0,
      .ttl = static_cast<uint32_t>(number_of(rdata.subspan(3, 4))),
      .denial_ttl = static_cast<uint32_t>(number_of(rdata.subspan(7, 4))),
  };
  if (rules.ttl > kLongestTtl || rules.denial_ttl > kLongestTtl) return std::nullopt;
  return rules;
}

void add_compact_option(std::vector<uint8_t>& options) {
  const auto code = static_cast<uint16_t>(kCompactOption);
  options.insert(options.end(), {static_cast<uint8_t>(code >> 8), static_cast<uint8_t>(code), 0, 1,
                                 kCompactVersion});
}

bool takes_compact(std::span<const uint8_t> data) {
  return data.size() == 1 && data[0] >= kCompactVersion;
}

}  // namespace fairlead::dns
