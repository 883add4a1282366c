// What is counted of one block's cache, by one worker.
#pragma once

#include <array>

#include "cache/cache.h"
#include "net/counter.h"

namespace fairlead::metrics {

/// One worker's counters of one (server, zones, view). Only that worker's thread counts; any thread
/// reads.
struct alignas(64) CacheCounters {
  net::Counter requests;
  std::array<net::Counter, 2> hits;  // by cache::Kind
  net::Counter misses;
  net::Counter prefetch;
  net::Counter served_stale;

  void count(const cache::Found& found) {
    requests.add();
    if (found.state == cache::Found::State::Miss) {
      misses.add();
      return;
    }
    hits[static_cast<size_t>(found.kind)].add();
    // What a Verify finds is served only when upstreams fail.
    if (found.stale && found.state != cache::Found::State::Verify) served_stale.add();
    if (found.prefetch) prefetch.add();
  }
};

}  // namespace fairlead::metrics
