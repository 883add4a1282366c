// EndpointSlices as records: make_slices() of zones/records.h.
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "dns/address.h"
#include "dns/name.h"
#include "zones/hash.h"
#include "zones/records.h"

namespace fairlead::zones {
namespace {

// Some of an object's endpoints, in its order.
using Endpoints = std::vector<const Endpoint*>;
using Part = std::span<const Endpoint* const>;

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

bool has_repeats(const SliceRecord& slice) {
  std::vector<dns::IpAddress> addresses;
  addresses.reserve(slice.size());
  for (size_t i = 0; i < slice.size(); ++i) addresses.push_back(slice.address(i));
  std::ranges::sort(addresses);
  return std::ranges::adjacent_find(addresses) != addresses.end();
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

// Of one object.
class SliceCutter {
 public:
  SliceCutter(const EndpointSlice& object, const SliceOwner& owner, bool pod_names)
      : owner_(owner), pod_names_(pod_names), cluster_(dns::lowered(object.source_cluster)) {}

  // `zone`: that all of `endpoints` are in, as zone_labels(); empty: of none that is known.
  void cut(Part endpoints, const std::string& zone) {
    if (endpoints.size() <= kWholeSlice) return add(endpoints, zone);
    size_t from = 0;
    for (size_t i = 0; i < endpoints.size(); ++i) {
      const bool last = i + 1 == endpoints.size();
      if (!last && (i + 1 - from < kLeastOfRecord || !cuts_behind(*endpoints[i]))) continue;
      add(endpoints.subspan(from, i + 1 - from), zone);
      from = i + 1;
    }
  }

  std::vector<Ref<SliceRecord>> records;

 private:
  void add(Part part, const std::string& zone) {
    for (const bool v6 : {false, true}) add_addresses(part, zone, v6);
    add_names(part, zone);
  }

  [[nodiscard]] boost::intrusive_ptr<SliceRecord> begin(const std::string& zone) const {
    boost::intrusive_ptr<SliceRecord> slice(new SliceRecord);
    slice->service = owner_.service;
    slice->ports = owner_.ports;
    if (owner_.imported) {
      slice->group = SliceRecord::Group::Cluster;
    } else if (!zone.empty()) {
      slice->group = SliceRecord::Group::Zone;
    }
    if (slice->group != SliceRecord::Group::None) {
      const std::string& group = owner_.imported ? cluster_ : zone;
      slice->labels += static_cast<char>(group.size());
      slice->labels += group;
    }
    return slice;
  }

  void add_addresses(Part part, const std::string& zone, bool v6) {
    boost::intrusive_ptr<SliceRecord> slice;
    for (const Endpoint* endpoint : part) {
      const std::string label = endpoint_label(*endpoint, pod_names_);
      for (const dns::IpAddress& address : endpoint->addresses) {
        if (address.is_v6() != v6) continue;
        if (!slice) {
          slice = begin(zone);
          slice->v6 = v6;
        }
        append(*slice, address, label);
      }
    }
    if (!slice) return;
    slice->addresses.shrink_to_fit();
    drop_spelled_labels(slice->labels_of);
    slice->labels.shrink_to_fit();
    slice->repeats = has_repeats(*slice);
    records.push_back(std::move(slice));
  }

  void add_names(Part part, const std::string& zone) {
    boost::intrusive_ptr<SliceRecord> slice;
    for (const Endpoint* endpoint : part) {
      for (const std::string& text : endpoint->names) {
        const auto name = dns::Name::from_text(text);
        if (!name || name->view().size() == 1) continue;
        if (!slice) slice = begin(zone);
        slice->names.push_back({name_label(endpoint_label(*endpoint, pod_names_), text),
                                std::string(name->view().begin(), name->view().end())});
      }
    }
    if (slice) records.push_back(std::move(slice));
  }

  const SliceOwner& owner_;
  const bool pod_names_;
  const std::string cluster_;
};

// As names ask for it: "us.west.2c" is three labels. Empty: no name can.
std::string zone_labels(const std::string& zone) {
  const auto name = zone.empty() ? std::nullopt : dns::Name::from_text(dns::lowered(zone));
  return name ? std::string(name->view().begin(), name->view().end() - 1) : std::string();
}

}  // namespace

std::vector<Ref<SliceRecord>> make_slices(const EndpointSlice& object, const SliceOwner& owner,
                                          bool pod_names) {
  std::map<std::string, Endpoints> by_zone;
  for (const Endpoint& endpoint : object.endpoints)
    by_zone[owner.imported ? std::string() : zone_labels(endpoint.zone)].push_back(&endpoint);
  SliceCutter cutter(object, owner, pod_names);
  for (const auto& [zone, endpoints] : by_zone) cutter.cut(endpoints, zone);
  return std::move(cutter.records);
}

}  // namespace fairlead::zones
