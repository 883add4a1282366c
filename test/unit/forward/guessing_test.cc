// Ids and source ports as an upstream sees them (RFC 5452 §9.2): nobody can foretell them.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "test/unit/forward/asked.h"

namespace fairlead::forward {
namespace {

using Replies = std::vector<Octets>;

constexpr size_t kAsked = 10'000;

/// Pearson's statistic of `values` (below 2^16) over equal cells from `first` on.
template <size_t kCells>
double chi_square(const std::vector<uint16_t>& values, uint32_t first) {
  std::array<size_t, kCells> cells{};
  for (const uint16_t v : values) ++cells[(v - first) * kCells / (65536 - first)];
  const double expected = static_cast<double>(values.size()) / kCells;
  double sum = 0;
  for (const size_t n : cells) {
    const double off = static_cast<double>(n) - expected;
    sum += off * off / expected;
  }
  return sum;
}

struct Seen {
  std::vector<uint16_t> ids, ports;  // each port once per query
};

/// Asks kAsked questions, `at_once` of them at a time.
Seen seen(size_t at_once) {
  Seen out;  // written by the upstream's thread until that is gone
  ScriptedUpstream upstream([&](const AskedQuery& query) {
    out.ids.push_back(query.id());
    out.ports.push_back(query.port);
    return Replies{Says{}.to(query)};
  });
  const auto ask_all = [&](Worker worker) {
    std::vector<Told> told(kAsked);
    for (size_t i = 0; i < kAsked; i += at_once) {
      for (size_t k = i; k < i + at_once; ++k) worker.ask(told[k]);
      REQUIRE(worker.run_until([&] { return worker.forwarder->in_flight() == 0; }));
    }
  };
  ask_all(Worker(settings_for({&upstream})));
  return out;
}

// 255 degrees of freedom: above 377 once in a million runs; below 160 as rarely, so that a list
// that is too even (a counter, a shuffle) is found too.
constexpr double kLow = 160, kHigh = 377;

TEST_CASE("guessing: ids of 10,000 queries are even and do not follow from each other") {
  const Seen s = seen(16);
  REQUIRE(s.ids.size() >= kAsked);
  const double ids = chi_square<256>(s.ids, 0);
  CHECK(ids > kLow);
  CHECK(ids < kHigh);
  std::vector<uint16_t> low, steps;
  for (size_t i = 1; i < s.ids.size(); ++i) {
    low.push_back(static_cast<uint16_t>(s.ids[i] << 8));
    steps.push_back(static_cast<uint16_t>(s.ids[i] - s.ids[i - 1]));
  }
  const double low_bits = chi_square<256>(low, 0);
  CHECK(low_bits > kLow);
  CHECK(low_bits < kHigh);
  const double differences = chi_square<256>(steps, 0);
  CHECK(differences > kLow);
  CHECK(differences < kHigh);
}

TEST_CASE("guessing: a port is used 32 times at most, and any port may be next") {
  const Seen s = seen(16);
  std::map<uint16_t, size_t> uses;
  for (const uint16_t port : s.ports) ++uses[port];
  // Two sockets in a row may have drawn the same port, three never in this many.
  for (const auto& [port, n] : uses) CHECK(n <= 3 * 32);
  CHECK(uses.size() > kAsked / 32 * 95 / 100);
  CHECK(uses.begin()->first >= 1024);
  std::vector<uint16_t> drawn;
  for (const auto& [port, n] : uses) drawn.push_back(port);
  // 15 degrees of freedom, once in a million.
  CHECK(chi_square<16>(drawn, 1024) < 56);
  CHECK(drawn.front() < 4000);
  CHECK(drawn.back() > 62000);
}

}  // namespace
}  // namespace fairlead::forward
