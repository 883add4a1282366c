// What a listener of DNS over HTTPS allows, and what is counted of its replies.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "net/counter.h"

namespace fairlead::listen {

/// How many connections a listener has, over all workers.
class DohConnections {
 public:
  void add() { open_.fetch_add(1, std::memory_order_relaxed); }
  void remove() { open_.fetch_sub(1, std::memory_order_relaxed); }
  /// `most`: 0 is no limit. Workers that look at once may each let one in.
  [[nodiscard]] bool has_room(size_t most) const {
    return most == 0 || open_.load(std::memory_order_relaxed) < most;
  }

 private:
  std::atomic<size_t> open_{0};
};

/// Replies by status. Written by one worker's thread, read by any.
struct DohCounters {
  static constexpr std::array<uint16_t, 9> kStatuses = {200, 400, 404, 405, 408,
                                                        413, 415, 431, 500};
  std::array<net::Counter, kStatuses.size()> replies;

  void count(uint16_t status) {
    for (size_t i = 0; i < kStatuses.size(); ++i) {
      if (kStatuses[i] == status) replies[i].add();
    }
  }
};

/// One worker's of one listener; none of the pointers is null.
struct DohSettings {
  size_t max_connections = 200;  // of all workers; those beyond wait in the kernel; 0: no limit
  uint32_t max_streams = 250;    // requests under way on one HTTP/2 connection
  std::shared_ptr<DohConnections> connections = std::make_shared<DohConnections>();
  std::shared_ptr<DohCounters> counters = std::make_shared<DohCounters>();
};

}  // namespace fairlead::listen
