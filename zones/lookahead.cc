#include "zones/lookahead.h"

#include <algorithm>

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
  clear();
  service_ = nullptr;
  slice_ = nullptr;
  cluster_ = &cluster;
  const Aim& aim = aim_.emplace(cluster, snapshot, query);
  if (aim.address) {
    kind_ = Kind::Address;
    cluster_ip_at_ = {snapshot.service_ips_, aim.address_hash};
    endpoint_at_ = {snapshot.endpoint_ips_, aim.address_hash};
  } else if (aim.tree == Aim::Tree::Services && aim.labels > 2) {
    kind_ = Kind::Service;
    service_at_ = {aim.multicluster ? snapshot.imports_ : snapshot.services_, aim.service_hash};
    namespace_at_ = {snapshot.namespaces_, aim.namespace_hash};
  }
}

template <typename Memory>
void LookaheadIn<Memory>::step(int number) {
  if (kind_ == Kind::Nothing) return;
  switch (number) {
    case 1:
      return fetch_block();
    case 2:
      return fetch_slots();
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
void LookaheadIn<Memory>::fetch_block() {
  if (kind_ == Kind::Service) {
    service_at_.fetch_block();
    namespace_at_.fetch_block();
  } else {
    cluster_ip_at_.fetch_block();
    endpoint_at_.fetch_block();
  }
}

template <typename Memory>
void LookaheadIn<Memory>::fetch_slots() {
  if (kind_ == Kind::Service) {
    service_at_.fetch_slots();
  } else {
    cluster_ip_at_.fetch_slots();
    endpoint_at_.fetch_slots();
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
