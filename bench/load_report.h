// What the load generators count and print.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fairlead::bench {

inline constexpr uint64_t kSecond = 1'000'000'000;  // nanoseconds
inline constexpr size_t kMaxLatencies = 1 << 22;

/// Of a clock that never goes back, in nanoseconds.
uint64_t now_ns();

/// CPU time that all threads of process `pid` took so far, user and system, in seconds. Threads
/// that have ended do not count. 0 when there is no such process.
double cpu_seconds(int pid);

struct Totals {
  uint64_t sent = 0, answered = 0, lost = 0, octets = 0, truncated = 0;
  std::array<uint64_t, 16> rcodes{};
  std::vector<uint32_t> latencies;  // tenths of a microsecond

  /// Counts one reply: a DNS message of at least 12 octets, `latency` nanoseconds after its query.
  void count(const uint8_t* reply, size_t size, uint64_t latency);
};

/// Prints one line of "key value". `cpu` is the server's CPU time in seconds, left out when below
/// 0. Sorts the latencies.
void report(Totals& totals, double elapsed, double cpu);

}  // namespace fairlead::bench
