// What is counted of packets that never reach a server block.
#pragma once

#include <array>
#include <cstddef>

#include "dns/types.h"
#include "net/counter.h"

namespace fairlead::metrics {

/// Rcodes with a counter of their own, 0 to 23 (Unassigned and DNS Parameters of IANA); larger ones
/// share the last.
inline constexpr size_t kRcodes = 25;

inline size_t rcode_index(dns::Rcode rcode) {
  const auto i = static_cast<size_t>(rcode);
  return i < kRcodes ? i : kRcodes - 1;
}

/// One worker's.
struct alignas(64) PacketCounters {
  // Requests answered with an rcode alone because they could not be (fully) read: kept by that
  // rcode.
  std::array<net::Counter, kRcodes> refused;
  // Packets that got no reply: not a query, or too short to be answered.
  net::Counter ignored;
  // Queries answered SERVFAIL because making the answer threw.
  net::Counter panics;

  void count_refused(dns::Rcode rcode) { refused[rcode_index(rcode)].add(); }
};

}  // namespace fairlead::metrics
