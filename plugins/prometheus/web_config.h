// The file of `prometheus { tls FILE }`: the web configuration that Prometheus' exporters share.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "http/guard.h"

namespace fairlead::plugins::prometheus {

struct WebConfig {
  http::Rules rules;
  // One request in each interval, and so many at once; 0: no limit.
  std::chrono::nanoseconds interval{};
  int64_t burst = 0;
  std::vector<std::string> files;  // that it is made from, its own first

  [[nodiscard]] bool is_limited() const { return interval.count() != 0; }
};

/// Reads `path` and the files that it names. Throws std::runtime_error in the words of CoreDNS;
/// `out.files` is right then too, as far as they are known.
void read_web_config(const std::string& path, WebConfig& out);

}  // namespace fairlead::plugins::prometheus
