// Replies about the cluster that are written at once: a denial, the addresses of a service or a
// pod, the one port of a service, the one name of an address. That is nearly all that is asked.
#pragma once

#include <cstdint>
#include <span>

#include "dns/types.h"
#include "zones/subject.h"

namespace fairlead::zones {

struct Direct {
  enum class Outcome : uint8_t {
    Left,         // to respond(): it is another kind of answer, or does not fit
    Written,      // to `out`
    FallThrough,  // as respond() says it
  };
  Outcome outcome = Outcome::Left;
  size_t size = 0;
  dns::Rcode rcode = dns::Rcode::NoError;
};

/// Writes the octets that dns::render() makes of what respond() says, if it is simple. `seed` (0:
/// none) is that of a shuffled order (query::Arranger). `out` as for dns::render().
Direct write_reply(const Subject& subject, uint64_t seed, std::span<uint8_t> out);

}  // namespace fairlead::zones
