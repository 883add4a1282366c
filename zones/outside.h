// Where services are reached from outside of the cluster. A table of its own: most servers never
// ask.
#pragma once

#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <string>
#include <vector>

#include "zones/objects.h"
#include "zones/records.h"

namespace fairlead::zones {

/// Of one service; has addresses, or names. Immutable once shared.
struct OutsideRecord : boost::intrusive_ref_counter<OutsideRecord> {
  Ref<ServiceName> id;
  Addresses addresses;
  std::vector<std::string> names;  // wire form

  friend bool same_outside(const OutsideRecord& a, const OutsideRecord& b) {
    return a.addresses == b.addresses && a.names == b.names;
  }
};

/// Null when the object says nothing of it.
Ref<OutsideRecord> make_outside(const Service& object, const Ref<ServiceName>& id);

}  // namespace fairlead::zones
