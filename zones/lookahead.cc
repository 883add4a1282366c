#include "zones/lookahead.h"

#include <algorithm>

#include "dns/address.h"
#include "zones/hash.h"

namespace fairlead::zones {
template <typename Memory>
void LookaheadIn<Memory>::fetch(std::span<const uint8_t> octets) {
  constexpr size_t kLine = 64;
  for (size_t at = 0; at < octets.size(); at += kLine) Memory{}(octets.data() + at);
  if (!octets.empty()) Memory{}(&octets.back());  // they may begin anywhere in a line
}

template <typename Memory>
template <typename T>
void LookaheadIn<Memory>::fetch(const T* object) {
  fetch(std::span(reinterpret_cast<const uint8_t*>(object), sizeof(T)));
}

template <typename Memory>
void LookaheadIn<Memory>::begin(const ClusterZone& cluster, const Snapshot& snapshot,
                                const dns::Query& query) {
  *this = {};
  const size_t labels = query.label_count;
  if (labels > 2 && query.label(labels - 1) == "arpa") {
    const auto address = dns::address_from_reverse_name(query.lower_qname.view());
    if (!address) return;
    kind_ = Kind::Address;
    const uint32_t hash = hash_address(address->octets(), snapshot.seed_);
    cluster_ip_at_ = {snapshot.service_ips_, hash};
    endpoint_at_ = {snapshot.endpoint_ips_, hash};
    return;
  }
  const size_t zone_labels = dns::label_count(cluster.zones[cluster.primary].view());
  const size_t in_front = labels - std::min(labels, zone_labels);
  if (in_front < 3 || query.label(in_front - 1) != "svc") return;
  kind_ = Kind::Service;
  const uint32_t hash =
      hash_names(query.label(in_front - 2), query.label(in_front - 3), snapshot.seed_);
  service_at_ = {snapshot.services_, hash};
  namespace_at_ = {snapshot.namespaces_, hash_text(query.label(in_front - 2), snapshot.seed_)};
}

template <typename Memory>
void LookaheadIn<Memory>::step(int number) {
  if (kind_ == Kind::Nothing) return;
  switch (number) {
    case 1:
      service_at_.fetch_block();
      namespace_at_.fetch_block();
      cluster_ip_at_.fetch_block();
      return endpoint_at_.fetch_block();
    case 2:
      service_at_.fetch_slots();
      cluster_ip_at_.fetch_slots();
      return endpoint_at_.fetch_slots();
    case 3:
      return fetch_record();
    case 4:
      return fetch_parts();
    case 5:
      return fetch_slice();
    case 6:
      return fetch_endpoints();
    default:
      return;
  }
}

template <typename Memory>
void LookaheadIn<Memory>::fetch_record() {
  if (kind_ == Kind::Service) {
    if (const auto* in = namespace_at_.entry()) fetch(in->get());
    const auto* entry = service_at_.entry();
    if (entry == nullptr) return;
    service_ = entry->get();
    return fetch(service_);
  }
  const EndpointAt* entry = endpoint_at_.entry();
  if (entry == nullptr) return;
  slice_ = entry->slice;
  endpoint_ = entry->number;
  fetch(slice_);
}

template <typename Memory>
void LookaheadIn<Memory>::fetch_parts() {
  if (kind_ == Kind::Address && slice_ != nullptr) {
    fetch(slice_->service.get());
    return Memory{}(slice_->octets(endpoint_).data());
  }
  if (service_ == nullptr) return;
  fetch(service_->id.get());
  if (!service_->slices.empty()) Memory{}(service_->slices.data());
}

/// The first of a headless service: most have no other.
template <typename Memory>
void LookaheadIn<Memory>::fetch_slice() {
  if (kind_ == Kind::Address && slice_ != nullptr) return fetch_label();
  if (service_ == nullptr || service_->type != Service::Type::Headless) return;
  if (service_->slices.empty()) return;
  slice_ = service_->slices.front().get();
  fetch(slice_);
}

template <typename Memory>
void LookaheadIn<Memory>::fetch_label() const {
  if (slice_->spells_address(endpoint_)) return;
  Memory{}(slice_->labels.data() + slice_->labels_of[endpoint_].at);
}

template <typename Memory>
void LookaheadIn<Memory>::fetch_endpoints() {
  constexpr size_t kMost = 384;  // octets: no datagram takes many more addresses
  if (service_ == nullptr || slice_ == nullptr) return;
  fetch(std::span(slice_->addresses).first(std::min(slice_->addresses.size(), kMost)));
}

template class LookaheadIn<Prefetch>;

}  // namespace fairlead::zones
