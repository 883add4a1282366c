// Which keys answer for a name: as CoreDNS's plugin/etcd looks them up, in a Tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dns/name.h"
#include "dns/types.h"
#include "plugins/etcd/tree.h"
#include "plugins/offers.h"

namespace fairlead::plugins::etcd {

/// How keys become answers. TTLs in seconds.
struct Settings {
  std::string root = "/skydns";  // a clean_path()
  uint32_t shortest_lease = 30;
  uint32_t longest_lease = 86'400;
  bool apex_fallback = true;  // what is below a zone answers for its own name
};

/// Of one name and type.
struct Found {
  bool exists = false;  // some key is there, of whatever type
  std::vector<const Service*> services;
};

/// One question's look into a tree, which must outlive it. What all its lookups have seen together
/// is bounded: behind that there is nothing more.
class Lookup {
 public:
  static constexpr size_t kMostSeen = 65'536;

  /// `now` is net::now_ns().
  Lookup(const Tree& tree, const Settings& settings, uint64_t now)
      : tree_(tree), settings_(settings), now_(now) {}

  enum class Which : uint8_t { Exact, Below };
  /// `name` is lower-cased. Below: what lies below the key of the name, or the key itself when
  /// nothing does. Of several groups only one (see chosen_group()).
  Found find(dns::NameView name, dns::RrType type, Which which);
  /// The same of addresses, which a zone has below apex.dns.ZONE.
  Found find_at_or_below_apex(dns::NameView name, dns::RrType type, dns::NameView zone);

  /// What is left of the lease within its bounds, or the key's own ttl if that is less; 300 without
  /// either.
  [[nodiscard]] uint32_t ttl(const Service& service) const;
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] bool exhausted() const { return seen_ == kMostSeen; }

 private:
  const Tree& tree_;
  const Settings& settings_;
  const uint64_t now_;
  size_t seen_ = 0;
};

/// Those of the group that the shortest keys name, and those of none; all when there is no group or
/// the shortest keys do not agree. As CoreDNS does, to the letter.
std::vector<const Service*> chosen_group(std::vector<const Service*> services);

}  // namespace fairlead::plugins::etcd
