// What is counted of one block's cache, by one worker.
#pragma once

#include <array>

#include "cache/cache.h"
#include "metrics/counter_table.h"
#include "net/counter.h"

namespace fairlead::plugins::cache {

/// One worker's counters of one (server, zones, view). Only that worker's thread counts; any thread
/// reads.
struct alignas(64) CacheCounters {
  net::Counter requests;
  std::array<net::Counter, 2> hits;  // by cache::Kind
  net::Counter misses;
  net::Counter prefetch;
  net::Counter served_stale;

  void count(const fairlead::cache::Found& found) {
    using State = fairlead::cache::Found::State;
    requests.add();
    if (found.state == State::Miss) {
      misses.add();
      return;
    }
    hits[static_cast<size_t>(found.kind)].add();
    // What a Verify finds is served only when upstreams fail.
    if (found.stale && found.state != State::Verify) served_stale.add();
    if (found.prefetch) prefetch.add();
  }
};

/// coredns_cache_requests_total and its like.
void collect_counters(const metrics::CounterTableOf<CacheCounters>::Slots& slots,
                      metrics::FamilySet& families);

/// coredns_cache_entries, …_evictions_total and fairlead_cache_bytes of one cache as one server
/// shows it.
void collect_totals(const fairlead::cache::Totals& totals, const std::string& server,
                    const std::string& zones, metrics::FamilySet& families);

}  // namespace fairlead::plugins::cache
