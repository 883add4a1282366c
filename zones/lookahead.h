// Fetches from memory what the answers to several queries will be made from.
#pragma once

#include "dns/query.h"
#include "zones/cluster_zone.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// One query's way through the snapshot, a pointer at a time: begin(), then steps 1 to kSteps. Each
/// step asks for the memory that the next one reads and does not wait for it; several queries that
/// take their steps side by side wait together. No more than a hint: what it does not know of is
/// found all the same. The snapshot must outlive it.
class Lookahead {
 public:
  static constexpr int kSteps = 6;

  /// `query` is at or below a zone of `cluster`.
  void begin(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query);
  void step(int number);

 private:
  enum class Kind : uint8_t { Nothing, Service, Address };

  void fetch_record();
  void fetch_parts();
  void fetch_slice();
  void fetch_label() const;
  void fetch_endpoints();

  Kind kind_ = Kind::Nothing;
  SharedTable<Ref<ServiceRecord>>::Fetch service_at_;
  SharedTable<Ref<NamespaceName>>::Fetch namespace_at_;
  SharedTable<Ref<ServiceName>>::Fetch cluster_ip_at_;
  SharedTable<EndpointAt>::Fetch endpoint_at_;
  const ServiceRecord* service_ = nullptr;
  const SliceRecord* slice_ = nullptr;
  size_t endpoint_ = 0;  // its number in slice_
};

}  // namespace fairlead::zones
