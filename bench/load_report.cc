#include "bench/load_report.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace fairlead::bench {

uint64_t now_ns() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                               std::chrono::nanoseconds(1));
}

// proc(5): the first field of schedstat is nanoseconds on a CPU; stat has hundredths of a second.
double cpu_seconds(int pid) {
  uint64_t sum = 0;
  std::error_code error;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
    uint64_t spent = 0;
    std::ifstream in(task.path() / "schedstat");
    if (in >> spent) sum += spent;
  }
  return static_cast<double>(sum) / kSecond;
}

void Totals::count(const uint8_t* reply, size_t size, uint64_t latency) {
  if (latencies.size() < kMaxLatencies) {
    latencies.push_back(static_cast<uint32_t>(std::min<uint64_t>(latency / 100, UINT32_MAX)));
  }
  ++answered;
  ++rcodes[reply[3] & 15];
  octets += size;
  truncated += reply[2] >> 1 & 1;
}

void report(Totals& totals, double elapsed, double cpu) {
  const auto answered = static_cast<double>(std::max<uint64_t>(1, totals.answered));
  auto& latencies = totals.latencies;
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](double part) {
    if (latencies.empty()) return 0.0;
    return latencies[static_cast<size_t>(part * static_cast<double>(latencies.size() - 1))] / 10.0;
  };
  std::printf("qps %.0f answered %ju lost %ju truncated %ju octets %.0f", answered / elapsed,
              static_cast<uintmax_t>(totals.answered), static_cast<uintmax_t>(totals.lost),
              static_cast<uintmax_t>(totals.truncated),
              static_cast<double>(totals.octets) / answered);
  for (size_t i = 0; i < totals.rcodes.size(); ++i) {
    if (totals.rcodes[i] > 0)
      std::printf(" rcode%zu %ju", i, static_cast<uintmax_t>(totals.rcodes[i]));
  }
  std::printf(" p50_us %.1f p90_us %.1f p99_us %.1f p999_us %.1f max_us %.1f", at(.5), at(.9),
              at(.99), at(.999), at(1));
  if (cpu >= 0) std::printf(" cpu_us %.3f cores %.2f", cpu * 1e6 / answered, cpu / elapsed);
  std::printf("\n");
}

}  // namespace fairlead::bench
