#include "zones/records.h"

#include <algorithm>

#include "dns/name.h"
#include "zones/hash.h"

namespace fairlead::zones {
namespace {

PortRecord make_port(const Port& port) {
  return {dns::lowered(port.name), dns::lowered(port.protocol), port.number};
}

// RFC 1123 host names are at most 63; a longer text cannot be a label and the address is used
// instead.
std::string endpoint_label(const Endpoint& endpoint, bool pod_names) {
  if (!endpoint.hostname.empty() && endpoint.hostname.size() <= dns::kMaxLabelSize) {
    return dns::lowered(endpoint.hostname);
  }
  const bool usable = pod_names && endpoint.pod_name.size() <= dns::kMaxLabelSize;
  return usable ? dns::lowered(endpoint.pod_name) : std::string();
}

void append(SliceRecord& slice, const dns::IpAddress& address, const std::string& label) {
  EndpointRecord record;
  std::ranges::copy(address.octets(), record.address.begin());
  if (label.empty()) {
    char buffer[dns::kMaxAddressLabel + 2];
    record.label_hash = label_hash({buffer, dns::address_label(address, buffer)});
  } else {
    record.label_at = static_cast<uint32_t>(slice.labels.size());
    record.label_hash = label_hash(label);
    slice.labels += static_cast<char>(label.size());
    slice.labels += label;
  }
  slice.endpoints.push_back(record);
}

// As CoreDNS: the name with dashes for its dots, unless it has a host name.
std::string name_label(std::string label, const std::string& name) {
  if (!label.empty()) return label;
  label = dns::lowered(name);
  std::ranges::replace(label, '.', '-');
  return label.size() <= dns::kMaxLabelSize ? label : std::string();
}

Ref<SliceRecord> make_named_slice(const EndpointSlice& object, const Ref<ServiceName>& service,
                                  bool pod_names) {
  boost::intrusive_ptr<SliceRecord> slice(new SliceRecord);
  slice->service = service;
  for (const Endpoint& endpoint : object.endpoints) {
    for (const std::string& text : endpoint.names) {
      const auto name = dns::Name::from_text(text);
      if (!name || name->view().size() == 1) continue;
      slice->names.push_back({name_label(endpoint_label(endpoint, pod_names), text),
                              std::string(name->view().begin(), name->view().end())});
    }
  }
  if (slice->names.empty()) return nullptr;
  for (const Port& port : object.ports) slice->ports.push_back(make_port(port));
  return slice;
}

bool has_repeats(const SliceRecord& slice) {
  std::vector<std::array<uint8_t, 16>> addresses;
  addresses.reserve(slice.endpoints.size());
  for (const EndpointRecord& endpoint : slice.endpoints) addresses.push_back(endpoint.address);
  std::ranges::sort(addresses);
  return std::ranges::adjacent_find(addresses) != addresses.end();
}

Ref<SliceRecord> make_slice(const EndpointSlice& object, const Ref<ServiceName>& service,
                            bool pod_names, bool v6) {
  boost::intrusive_ptr<SliceRecord> slice(new SliceRecord);
  slice->service = service;
  slice->v6 = v6;
  for (const Endpoint& endpoint : object.endpoints) {
    const std::string label = endpoint_label(endpoint, pod_names);
    for (const dns::IpAddress& address : endpoint.addresses) {
      if (address.is_v6() == v6) append(*slice, address, label);
    }
  }
  if (slice->endpoints.empty()) return nullptr;
  for (const Port& port : object.ports) slice->ports.push_back(make_port(port));
  slice->ports.shrink_to_fit();
  slice->endpoints.shrink_to_fit();
  slice->labels.shrink_to_fit();
  slice->repeats = has_repeats(*slice);
  return slice;
}

}  // namespace

size_t matching_ports(const PortRecords& ports, const PortFilter& filter) {
  if (ports.empty()) return filter.any() ? 1 : 0;
  if (filter.any()) return ports.size();
  return static_cast<size_t>(
      std::ranges::count_if(ports, [&](const PortRecord& port) { return filter.matches(port); }));
}

std::string_view SliceRecord::label(const EndpointRecord& endpoint, char* buffer) const {
  if (endpoint.label_at == EndpointRecord::kComputed) {
    return {buffer, dns::address_label(address(endpoint), buffer)};
  }
  const char* at = labels.data() + endpoint.label_at;
  return {at + 1, static_cast<uint8_t>(*at)};
}

uint32_t label_hash(std::string_view label) {
  return hash_text(label, 0);
}

bool ServiceRecord::has_endpoints() const {
  return std::ranges::any_of(
      slices, [](const auto& slice) { return !slice->endpoints.empty() || !slice->names.empty(); });
}

void set_service(ServiceRecord& record, const Service& object) {
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
  record.ports.clear();
  for (const Port& port : object.ports) record.ports.push_back(make_port(port));
}

std::vector<Ref<SliceRecord>> make_slices(const EndpointSlice& object,
                                          const Ref<ServiceName>& service, bool pod_names) {
  std::vector<Ref<SliceRecord>> slices;
  for (const bool v6 : {false, true}) {
    if (auto slice = make_slice(object, service, pod_names, v6)) slices.push_back(std::move(slice));
  }
  if (auto slice = make_named_slice(object, service, pod_names)) slices.push_back(std::move(slice));
  return slices;
}

}  // namespace fairlead::zones
