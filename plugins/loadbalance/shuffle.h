// The order of an answer's records: CNAMEs first (stub resolvers insist), then others, addresses
// and MX, both shuffled.
#pragma once

#include <cstdint>
#include <span>

#include "dns/answer.h"
#include "plugins/loadbalance/setup.h"

namespace fairlead::plugins::loadbalance {

/// xoshiro256++ (Blackman, Vigna): fast and good enough for an order that nobody must guess. One
/// per worker, not thread safe.
class Prng {
 public:
  explicit Prng(uint64_t seed);

  /// Seeded by the kernel.
  static Prng from_system();

  /// A number below `bound`, which is not 0.
  uint32_t below(uint32_t bound);

  /// 64 random bits.
  uint64_t next();

 private:
  uint64_t state_[4];
};

/// Orders every section of a NOERROR answer; any other rcode is left alone. Only swaps records: no
/// allocation. Not meant for AXFR and IXFR, whose order has a meaning.
void shuffle(dns::Answer& answer, Prng& prng);

/// After shuffle(): addresses inside `subnets` come first in answer and additional section, those
/// of the first subnet before those of the second.
void prefer(dns::Answer& answer, std::span<const corefile::Subnet> subnets);

}  // namespace fairlead::plugins::loadbalance
