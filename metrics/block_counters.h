// What is counted for every query of one server block, cheaply: plain adds into memory that one
// worker owns.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dns/query.h"
#include "metrics/packet_counters.h"
#include "net/counter.h"
#include "net/duration_buckets.h"

namespace fairlead::metrics {

/// Directives with a counter of their own, by Metrics::maker(): the `plugin` label of
/// coredns_dns_responses_total. 0: nobody made an answer, the server refused or failed.
inline constexpr size_t kMakers = 32;

/// Upper bounds of the size histograms, in octets; one bucket more holds what is larger.
inline constexpr std::array<uint32_t, 14> kSizeBounds = {
    0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16000, 32000, 48000, 64000};

/// The types with a `type` label of their own, in this order; every other type is "other", the
/// index kNamedTypes.
inline constexpr size_t kNamedTypes = 19;
size_t type_index(dns::RrType type);
const char* type_label(size_t index);

/// A histogram's counts, not cumulative, and the sum of what was observed.
template <size_t kBuckets>
struct Buckets {
  std::array<net::Counter, kBuckets> count;
  net::Counter sum;

  void observe(size_t bucket, uint64_t value) {
    count[bucket].add();
    sum.add(value);
  }
};

/// What is known of a reply when it leaves.
struct Sample {
  bool client_v6 = false;
  dns::Rcode rcode = dns::Rcode::NoError;
  uint8_t maker = 0;
  size_t response_size = 0;  // octets
  uint64_t duration = 0;     // nanoseconds
};

/// One worker's counters of one (server, zone, view). Only that worker's thread calls count(); any
/// thread reads.
struct alignas(64) BlockCounters {
  using Sizes = Buckets<kSizeBounds.size() + 1>;

  // By transport (dns::Transport), then family (0: IPv4), then type_index().
  std::array<std::array<std::array<net::Counter, kNamedTypes + 1>, 2>, 2> requests;
  std::array<std::array<net::Counter, kMakers>, kRcodes> responses;
  std::array<Sizes, 2> request_size;
  std::array<Sizes, 2> response_size;
  Buckets<net::kDurationBounds + 1> duration;
  net::Counter dnssec_ok;

  /// One query and its reply: no lock, no shared atomic, no allocation.
  void count(const dns::Query& query, const Sample& sample) {
    const auto transport = static_cast<size_t>(query.transport);
    requests[transport][sample.client_v6 ? 1 : 0][type_index(query.qtype)].add();
    if (query.has_edns && query.edns.dnssec_ok) dnssec_ok.add();
    request_size[transport].observe(size_bucket(query.size), query.size);
    response_size[transport].observe(size_bucket(sample.response_size), sample.response_size);
    duration.observe(net::duration_bucket(sample.duration), sample.duration);
    responses[rcode_index(sample.rcode)][sample.maker % kMakers].add();
  }

  static size_t size_bucket(size_t octets) {
    size_t i = 0;
    while (i < kSizeBounds.size() && octets > kSizeBounds[i]) ++i;
    return i;
  }
};

}  // namespace fairlead::metrics
