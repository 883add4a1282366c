// Fetches from memory what the answers to several queries will be made from.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "dns/query.h"
#include "zones/aim.h"
#include "zones/cluster_zone.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// How a lookahead asks for the cache line at an address. Tests have one that writes it down.
struct Prefetch {
  void operator()(const void* at) const { __builtin_prefetch(at); }
};

/// One query's way through the snapshot, a pointer at a time: begin(), then steps 1 to kSteps. Each
/// step asks for the memory that the next one reads and does not wait for it; several queries that
/// take their steps side by side wait together. No more than a hint: what it does not know of is
/// found all the same. The snapshot must outlive it.
template <typename Memory>
class LookaheadIn {
 public:
  static constexpr int kSteps = 6;

  /// Nothing is fetched until begin().
  void clear() {
    kind_ = Kind::Nothing;
    cluster_ = nullptr;
  }
  void begin(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query);
  void step(int number);

  /// What begin() has read of the question; null when that was for another cluster or store.
  [[nodiscard]] const Aim* aim_at(const ClusterZone& cluster, const Snapshot& snapshot) const {
    const bool same = cluster_ == &cluster && aim_->seed == snapshot.seed();
    return same ? &*aim_ : nullptr;
  }

 private:
  enum class Kind : uint8_t { Nothing, Service, Address };

  /// Asks for every cache line.
  static void fetch(std::span<const uint8_t> octets);
  template <typename T>
  static void fetch(const T* object);
  void fetch_block();
  void fetch_slots();
  void fetch_record();
  void fetch_parts();
  void fetch_slice();
  void fetch_label() const;
  void fetch_endpoints();

  Kind kind_ = Kind::Nothing;
  const ClusterZone* cluster_ = nullptr;  // never looked into
  std::optional<Aim> aim_;                // when there is a cluster_
  // Of a service.
  typename SharedTable<Ref<ServiceRecord>>::template Fetch<Memory> service_at_;
  typename SharedTable<Ref<NamespaceName>>::template Fetch<Memory> namespace_at_;
  // Of an address.
  typename SharedTable<Ref<ServiceName>>::template Fetch<Memory> cluster_ip_at_;
  typename SharedTable<EndpointAt>::template Fetch<Memory> endpoint_at_;

  const ServiceRecord* service_ = nullptr;
  const SliceRecord* slice_ = nullptr;
  size_t endpoint_ = 0;  // its number in slice_
};

extern template class LookaheadIn<Prefetch>;
using Lookahead = LookaheadIn<Prefetch>;

}  // namespace fairlead::zones
