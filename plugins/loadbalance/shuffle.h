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

/// The addresses of `section`, one behind the other: if there are any, the answer is ordered as by
/// shuffle(), but without shuffling. No allocation.
std::span<dns::Record> arranged_addresses(dns::Answer& answer, dns::Section section);

/// After shuffle(): addresses inside `subnets` come first in answer and additional section, those
/// of the first subnet before those of the second. There, records of other types come last.
void prefer(dns::Answer& answer, std::span<const corefile::Subnet> subnets);

}  // namespace fairlead::plugins::loadbalance
