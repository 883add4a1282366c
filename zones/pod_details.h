// What is told of a pod that asks. A table of its own: most servers never tell.
#pragma once

#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "dns/address.h"
#include "zones/objects.h"
#include "zones/records.h"

namespace fairlead::zones {

/// Immutable once shared.
struct PodDetails : boost::intrusive_ref_counter<PodDetails> {
  std::string name, namespace_name;  // the latter in lower case
  std::string labels;                // each key and each value with a NUL behind it

  /// The value of the label `key`; none when there is no such label.
  [[nodiscard]] std::optional<std::string_view> label(std::string_view key) const;

  friend bool same_details(const PodDetails& a, const PodDetails& b) {
    return a.name == b.name && a.namespace_name == b.namespace_name && a.labels == b.labels;
  }
};

/// One of its addresses.
struct PodDetailsAt {
  dns::IpAddress address;
  Ref<PodDetails> pod;
};

/// Null when the object says nothing of it.
Ref<PodDetails> make_pod_details(const Pod& object);

}  // namespace fairlead::zones
