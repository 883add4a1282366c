// An endpoint in the index of addresses.
#pragma once

#include <cstdint>

#include "zones/records.h"

namespace fairlead::zones {

/// An endpoint by its address. The slice belongs to a service record of the same snapshot. Packed,
/// as there may be a million.
struct [[gnu::packed, gnu::aligned(4)]] EndpointAt {
  const SliceRecord* slice;
  uint32_t number;  // of slice
};

}  // namespace fairlead::zones
