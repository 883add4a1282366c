#include "zones/records.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "dns/address.h"
#include "dns/name.h"
#include "zones/hash.h"

namespace fairlead::zones {
namespace {

// RFC 1123 host names are at most 63; a longer text cannot be a label and the address is used
// instead.
std::string endpoint_label(const Endpoint& endpoint, bool pod_names) {
  if (!endpoint.hostname.empty() && endpoint.hostname.size() <= dns::kMaxLabelSize) {
    return dns::lowered(endpoint.hostname);
  }
  const bool usable = pod_names && endpoint.pod_name.size() <= dns::kMaxLabelSize;
  return usable ? dns::lowered(endpoint.pod_name) : std::string();
}

void append(SliceRecord& slice, const dns::IpAddress& address, const std::string& given) {
  const auto octets = address.octets();
  slice.addresses.insert(slice.addresses.end(), octets.begin(), octets.end());
  std::string label = given;
  if (label.empty()) {
    char buffer[dns::kMaxAddressLabel + 2];
    const std::string_view spelled(buffer, dns::address_label(address, buffer));
    // That of an IPv4-mapped address reads as another one.
    if (dns::address_from_label(spelled) != address) label = spelled;
  }
  EndpointLabel entry;
  if (!label.empty()) {
    entry = {static_cast<uint32_t>(slice.labels.size()), label_hash(label)};
    slice.labels += static_cast<char>(label.size());
    slice.labels += label;
  }
  slice.labels_of.push_back(entry);
}

void drop_spelled_labels(std::vector<EndpointLabel>& labels) {
  if (std::ranges::all_of(labels, [](const auto& one) { return one == EndpointLabel{}; }))
    labels.clear();
  labels.shrink_to_fit();
}

// As CoreDNS: the name with dashes for its dots, unless it has a host name.
std::string name_label(std::string label, const std::string& name) {
  if (!label.empty()) return label;
  label = dns::lowered(name);
  std::ranges::replace(label, '.', '-');
  return label.size() <= dns::kMaxLabelSize ? label : std::string();
}

// Of one part of an object: all its endpoints are in one zone, or of none that is known.
boost::intrusive_ptr<SliceRecord> begin_slice(const EndpointSlice& part, const SliceOwner& owner) {
  boost::intrusive_ptr<SliceRecord> slice(new SliceRecord);
  slice->service = owner.service;
  slice->ports = owner.ports;
  std::string group;
  if (owner.imported) {
    slice->group = SliceRecord::Group::Cluster;
    group = dns::lowered(part.source_cluster);
  } else if (const std::string& zone = part.endpoints.front().zone; !zone.empty()) {
    slice->group = SliceRecord::Group::Zone;
    group = zone;
  }
  if (slice->group != SliceRecord::Group::None) {
    slice->labels += static_cast<char>(group.size());
    slice->labels += group;
  }
  return slice;
}

Ref<SliceRecord> make_named_slice(const EndpointSlice& object, const SliceOwner& owner,
                                  bool pod_names) {
  const auto slice = begin_slice(object, owner);
  for (const Endpoint& endpoint : object.endpoints) {
    for (const std::string& text : endpoint.names) {
      const auto name = dns::Name::from_text(text);
      if (!name || name->view().size() == 1) continue;
      slice->names.push_back({name_label(endpoint_label(endpoint, pod_names), text),
                              std::string(name->view().begin(), name->view().end())});
    }
  }
  if (slice->names.empty()) return nullptr;
  return slice;
}

bool has_repeats(const SliceRecord& slice) {
  std::vector<dns::IpAddress> addresses;
  addresses.reserve(slice.size());
  for (size_t i = 0; i < slice.size(); ++i) addresses.push_back(slice.address(i));
  std::ranges::sort(addresses);
  return std::ranges::adjacent_find(addresses) != addresses.end();
}

Ref<SliceRecord> make_slice(const EndpointSlice& object, const SliceOwner& owner, bool pod_names,
                            bool v6) {
  const auto slice = begin_slice(object, owner);
  slice->v6 = v6;
  for (const Endpoint& endpoint : object.endpoints) {
    const std::string label = endpoint_label(endpoint, pod_names);
    for (const dns::IpAddress& address : endpoint.addresses) {
      if (address.is_v6() == v6) append(*slice, address, label);
    }
  }
  if (slice->addresses.empty()) return nullptr;
  slice->addresses.shrink_to_fit();
  drop_spelled_labels(slice->labels_of);
  slice->labels.shrink_to_fit();
  slice->repeats = has_repeats(*slice);
  return slice;
}

void add_slices(const EndpointSlice& part, const SliceOwner& owner, bool pod_names,
                std::vector<Ref<SliceRecord>>& out) {
  if (part.endpoints.empty()) return;
  for (const bool v6 : {false, true}) {
    if (auto slice = make_slice(part, owner, pod_names, v6)) out.push_back(std::move(slice));
  }
  if (auto slice = make_named_slice(part, owner, pod_names)) out.push_back(std::move(slice));
}

// A large slice is cut into records where the address of an endpoint says so: when an endpoint
// comes or goes, all records but one are as before. Smaller ones are not worth it.
constexpr size_t kWholeSlice = 128;    // endpoints
constexpr size_t kLeastOfRecord = 32;  // endpoints
constexpr uint32_t kCutAt = 64;        // one address in so many

bool cuts_behind(const Endpoint& endpoint) {
  return !endpoint.addresses.empty() &&
         hash_address(endpoint.addresses[0].octets(), 0) % kCutAt == 0;
}

// `object` without its endpoints.
EndpointSlice shell_of(const EndpointSlice& object) {
  EndpointSlice shell;
  shell.key = object.key;
  shell.service_name = object.service_name;
  shell.source_cluster = object.source_cluster;
  return shell;
}

void add_parts(const EndpointSlice& object, const SliceOwner& owner, bool pod_names,
               std::vector<Ref<SliceRecord>>& out) {
  if (object.endpoints.size() <= kWholeSlice) return add_slices(object, owner, pod_names, out);
  EndpointSlice part = shell_of(object);
  for (const Endpoint& endpoint : object.endpoints) {
    part.endpoints.push_back(endpoint);
    const bool last = &endpoint == &object.endpoints.back();
    if (!last && (part.endpoints.size() < kLeastOfRecord || !cuts_behind(endpoint))) continue;
    add_slices(part, owner, pod_names, out);
    part.endpoints.clear();
  }
}

// As names ask for it: "us.west.2c" is three labels. Empty: no name can.
std::string zone_labels(const std::string& zone) {
  const auto name = zone.empty() ? std::nullopt : dns::Name::from_text(dns::lowered(zone));
  return name ? std::string(name->view().begin(), name->view().end() - 1) : std::string();
}

std::map<std::string, EndpointSlice> by_zone(const EndpointSlice& object) {
  std::map<std::string, EndpointSlice> parts;
  for (const Endpoint& endpoint : object.endpoints) {
    const std::string zone = zone_labels(endpoint.zone);
    EndpointSlice& part = parts.try_emplace(zone, shell_of(object)).first->second;
    part.endpoints.push_back(endpoint);
    part.endpoints.back().zone = zone;
  }
  return parts;
}

}  // namespace

std::string_view SliceRecord::label(size_t endpoint, char* buffer) const {
  if (spells_address(endpoint)) return {buffer, dns::address_label(address(endpoint), buffer)};
  const char* at = labels.data() + labels_of[endpoint].at;
  return {at + 1, static_cast<uint8_t>(*at)};
}

uint32_t label_hash(std::string_view label) {
  return hash_text(label, 0);
}

bool ServiceRecord::has_endpoints() const {
  return std::ranges::any_of(
      slices, [](const auto& slice) { return !slice->addresses.empty() || !slice->names.empty(); });
}

void set_service(ServiceRecord& record, const Service& object, PortLists& lists) {
  record.declared = true;
  record.type = object.type;
  record.cluster_ips.clear();
  for (const dns::IpAddress& ip : object.cluster_ips) {
    if (std::ranges::find(record.cluster_ips, ip) == record.cluster_ips.end())
      record.cluster_ips.push_back(ip);
  }
  record.external_name.clear();
  if (object.type == Service::Type::ExternalName) {
    if (const auto address = dns::IpAddress::from_text(object.external_name)) {
      record.cluster_ips.push_back(*address);  // an address is answered as one
    } else if (const auto name = dns::Name::from_text(object.external_name)) {
      record.external_name.assign(name->view().begin(), name->view().end());
    }
  }
  record.ports = lists.of(object.ports);
}

std::vector<Ref<SliceRecord>> make_slices(const EndpointSlice& object, const SliceOwner& owner,
                                          bool pod_names) {
  std::vector<Ref<SliceRecord>> records;
  const bool zoned = !owner.imported && std::ranges::any_of(object.endpoints, [](const auto& e) {
    return !e.zone.empty();
  });
  if (!zoned) {
    add_parts(object, owner, pod_names, records);
    return records;
  }
  for (const auto& [zone, part] : by_zone(object)) add_parts(part, owner, pod_names, records);
  return records;
}

bool same_slice(const Ref<SliceRecord>& a, const Ref<SliceRecord>& b) {
  return a->v6 == b->v6 && a->group == b->group && a->service->name == b->service->name &&
         a->service->namespace_name == b->service->namespace_name && a->labels == b->labels &&
         a->ports == b->ports && a->names == b->names && a->addresses == b->addresses &&
         a->labels_of == b->labels_of;
}

}  // namespace fairlead::zones
