// What a snapshot keeps of services and endpoint slices: the fields answers are made of, packed.
// All immutable once shared.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "dns/name.h"
#include "zones/objects.h"
#include "zones/ports.h"

namespace fairlead::zones {

template <typename T>
using Ref = boost::intrusive_ptr<const T>;

/// The identity of a service, shared by its record and its slices. Lower case.
struct ServiceName : boost::intrusive_ref_counter<ServiceName> {
  std::string namespace_name;
  std::string name;
};

/// The label that an endpoint goes by below its service.
struct EndpointLabel {
  static constexpr uint32_t kSpelled = 0xffffffff;

  uint32_t at = kSpelled;  // in SliceRecord::labels; kSpelled: it spells the address
  uint32_t hash = 0;       // of one that does not: see label_hash()

  friend bool operator==(const EndpointLabel&, const EndpointLabel&) = default;
};

/// A name that is kept in wire form.
inline dns::NameView wire_name(const std::string& octets) {
  return {reinterpret_cast<const uint8_t*>(octets.data()), octets.size()};
}

/// One name of a slice whose addressType is FQDN.
struct NamedEndpoint {
  std::string label;   // that it goes by below its service; empty: it cannot be one
  std::string target;  // wire form

  friend bool operator==(const NamedEndpoint&, const NamedEndpoint&) = default;
};

/// Has endpoints, or names. An endpoint is one address that is to be published, and goes by its
/// number.
struct SliceRecord : boost::intrusive_ref_counter<SliceRecord> {
  /// What all endpoints of a record have in common, where names ask for it.
  enum class Group : uint8_t {
    None,
    Zone,    // the zone they are in, in wire form without the root (`zonal`)
    Cluster  // the cluster they are in: the service is an import
  };

  Ref<ServiceName> service;
  bool v6 = false;
  bool repeats = false;  // an address stands here more than once
  Group group = Group::None;
  PortRecords ports;
  std::vector<uint8_t> addresses;        // of all endpoints, side by side
  std::vector<EndpointLabel> labels_of;  // each endpoint's; empty: all spell their addresses
  std::string labels;  // each behind its length octet; the group's name is the first
  std::vector<NamedEndpoint> names;

  [[nodiscard]] size_t address_size() const { return v6 ? 16 : 4; }
  [[nodiscard]] size_t size() const { return addresses.size() / address_size(); }

  [[nodiscard]] bool is_imported() const { return group == Group::Cluster; }
  [[nodiscard]] std::string_view group_name() const {
    if (group == Group::None) return {};
    return {labels.data() + 1, static_cast<uint8_t>(labels.front())};
  }

  [[nodiscard]] std::span<const uint8_t> octets(size_t endpoint) const {
    return std::span(addresses).subspan(endpoint * address_size(), address_size());
  }
  [[nodiscard]] dns::IpAddress address(size_t endpoint) const {
    return dns::IpAddress(octets(endpoint));
  }
  [[nodiscard]] bool spells_address(size_t endpoint) const {
    return labels_of.empty() || labels_of[endpoint].at == EndpointLabel::kSpelled;
  }
  /// The endpoint's label; `buffer` (at least kMaxAddressLabel + 2 octets) holds one that spells
  /// the address.
  std::string_view label(size_t endpoint, char* buffer) const;
};

/// A hash of a lower-case label, for EndpointLabel::hash.
uint32_t label_hash(std::string_view label);

/// Of a service, or of one object: mostly one.
using SliceRecords = boost::container::small_vector<Ref<SliceRecord>, 1>;

struct ServiceRecord : boost::intrusive_ref_counter<ServiceRecord> {
  // What most answers need comes first: it is one cache line.
  bool declared = false;  // false: only slices have been seen so far
  bool named = false;     // there are slices with names
  Service::Type type = Service::Type::ClusterIp;
  Ref<ServiceName> id;
  Addresses cluster_ips;
  SliceRecords slices;
  PortRecords ports;
  std::string external_name;  // wire form; empty when the target is not a domain name

  /// True when two endpoints might have one address.
  [[nodiscard]] bool may_repeat() const {
    return slices.size() > 1 || (slices.size() == 1 && slices[0]->repeats);
  }
  [[nodiscard]] bool has_endpoints() const;
};

/// Fills the fields of `record` that the Service object decides; id and slices are left alone.
void set_service(ServiceRecord& record, const Service& object, PortLists& lists);

/// What the records of one object have in common.
struct SliceOwner {
  Ref<ServiceName> service;
  bool imported = false;
  PortRecords ports;
};

/// Cuts an object into records: by zone where endpoints name theirs, by address family (an
/// EndpointSlice of the API has one) and names, and what is large where the address of an endpoint
/// says so. `pod_names`: StoreOptions::endpoint_pod_names. Empty when there is nothing to publish.
std::vector<Ref<SliceRecord>> make_slices(const EndpointSlice& object, const SliceOwner& owner,
                                          bool pod_names);
/// They say the same.
bool same_slice(const Ref<SliceRecord>& a, const Ref<SliceRecord>& b);

}  // namespace fairlead::zones
