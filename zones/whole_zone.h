// A cluster zone from its first record to its last, for whoever copies it: every name that follows
// from an object, which is what a follower needs to answer the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/query.h"
#include "zones/cluster_zone.h"
#include "zones/outside_zone.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// One pass over one zone of a ClusterZone, or of an OutsideZone in front of one. What is not
/// listed, as it is without end or belongs to no object: names of pods unless they are verified,
/// `_zone`, and, unless the form is compact, namespaces without services, which are denied as names
/// rather than as types.
/// Used by one thread.
class WholeZone {
 public:
  struct Of {
    const ClusterZone& cluster;
    const OutsideZone* outside = nullptr;
    const dns::Name& zone;  // one of cluster.zones, or of outside->zones; copied
    bool compact = false;   // with the records of dns/compact_zone.h, not of an OutsideZone
  };
  /// What `of` refers to must outlive this.
  WholeZone(const Of& of, SnapshotPtr snapshot);

  [[nodiscard]] uint32_t serial() const { return snapshot_->serial(); }
  /// About how many records there are, without counting them.
  [[nodiscard]] size_t about() const;
  /// The SOA record.
  void add_soa(dns::Answer& answer) const;
  /// Some more of the records, each but the SOA once, in the answer section; false when there are
  /// none left. Linear in the zone, in all calls together.
  bool next(dns::Answer& answer);

  /// The same records by what they follow from, in the answer section: those of the zone itself but
  /// the SOA,
  void add_apex(dns::Answer& answer) const;
  /// of a namespace, which only the compact form of a zone that is not is_reverse() has,
  void add_namespace(std::string_view name, dns::Answer& answer) const;
  /// of a service, declared or not, and its endpoints, in a zone that is not is_reverse(),
  void add_service(std::string_view namespace_name, std::string_view name, dns::Answer& answer);
  /// of an address of a pod, in a zone that has_pods(),
  void add_pod(const dns::IpAddress& address, std::string_view namespace_name,
               dns::Answer& answer) const;
  /// and in one that is_reverse(), of an address, whether it is in the zone or not.
  void add_pointers(const dns::IpAddress& address, dns::Answer& answer) const;
  [[nodiscard]] bool has_pods() const {
    return cluster_.pods == PodMode::Verified && outside_ == nullptr && !is_reverse();
  }
  [[nodiscard]] bool is_reverse() const { return dns::is_reverse_name(zone_.view()); }

 private:
  struct Labelled {
    std::string_view label;  // in `slice`, or computed
    const SliceRecord* slice = nullptr;
    size_t endpoint = 0;  // its number there
  };
  // Of the service whose endpoints are listed.
  struct Endpoints {
    dns::Name base;
    std::vector<Labelled> all;  // by name
    std::vector<char> computed;
    size_t at = 0;
  };

  bool ask(const dns::Name& name, dns::RrType type, dns::Answer& answer) const;
  void put_part(size_t part, dns::Answer& answer);
  void put_rules(bool says_name_servers, dns::Answer& answer) const;
  void put_service(const ServiceRecord& service, dns::Answer& answer);
  [[nodiscard]] std::optional<dns::Name> name_of(const ServiceName& id) const;
  void put_zones(const dns::Name& base, const ServiceRecord& service, dns::Answer& answer) const;
  void put_ports(const dns::Name& base, const ServiceRecord& service, dns::Answer& answer) const;
  void collect_endpoints(const dns::Name& base, const ServiceRecord& service);
  void put_named(const dns::Name& base, const ServiceRecord& service, dns::Answer& answer) const;
  bool put_endpoints(dns::Answer& answer);
  void put_endpoint(std::span<const Labelled> same, const dns::Name& name,
                    dns::Answer& answer) const;
  void put_pointers(const ServiceRecord& service, dns::Answer& answer) const;
  void put_outside_pointers(const ServiceName& id, dns::Answer& answer) const;
  [[nodiscard]] bool is_first_at(const dns::IpAddress& address, const SliceRecord& slice,
                                 size_t endpoint) const;

  const ClusterZone& cluster_;
  const OutsideZone* const outside_;
  const SnapshotPtr snapshot_;
  const dns::Name zone_;
  const bool compact_;
  const bool multicluster_;
  size_t part_ = 0;  // of the snapshot, that is next
  bool begun_ = false;
  std::vector<Endpoints> waiting_;  // services of a part, whose endpoints are next
  mutable dns::Query query_;        // kept for their memory
  mutable dns::Answer said_;
};

}  // namespace fairlead::zones
