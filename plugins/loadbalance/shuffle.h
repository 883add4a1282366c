// The order of an answer's records: CNAMEs first (stub resolvers insist), then others, addresses
// and MX, both shuffled.
#pragma once

#include <cstdint>
#include <span>

#include "dns/answer.h"
#include "plugins/loadbalance/setup.h"

namespace fairlead::plugins::loadbalance {

/// Orders every section of a NOERROR answer; any other rcode is left alone. Only swaps records: no
/// allocation. `seed` is random. Not meant for AXFR and IXFR, whose order has a meaning.
void shuffle(dns::Answer& answer, uint64_t seed);

/// After shuffle(): addresses inside `subnets` come first in answer and additional section, those
/// of the first subnet before those of the second.
void prefer(dns::Answer& answer, std::span<const corefile::Subnet> subnets);

}  // namespace fairlead::plugins::loadbalance
