// What a snapshot keeps of namespaces and pods.
#pragma once

#include <algorithm>
#include <array>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "dns/address.h"
#include "zones/records.h"

namespace fairlead::zones {

/// A namespace, or a pod's namespace. Lower case.
struct NamespaceName : boost::intrusive_ref_counter<NamespaceName> {
  std::string name;
};

/// An address in 16 octets, an IPv4 address mapped (RFC 4291 §2.5.5.2): there may be a million.
class PodAddress {
 public:
  PodAddress() = default;
  explicit PodAddress(const dns::IpAddress& ip) {
    if (!ip.is_v6()) octets_ = kMapped;
    std::ranges::copy(ip.octets(), octets_.end() - static_cast<ptrdiff_t>(ip.octets().size()));
  }

  [[nodiscard]] dns::IpAddress ip() const {
    const bool v4 = std::equal(kMapped.begin(), kMapped.begin() + 12, octets_.begin());
    return dns::IpAddress(std::span(octets_).subspan(v4 ? 12 : 0));
  }
  friend bool operator==(const PodAddress&, const PodAddress&) = default;

 private:
  static constexpr std::array<uint8_t, 16> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::array<uint8_t, 16> octets_{};
};

/// A pod's address, and the namespace in which `a-b-c-d.NAMESPACE.pod` answers it.
struct PodRecord {
  PodAddress address;
  Ref<NamespaceName> in;
};

}  // namespace fairlead::zones
