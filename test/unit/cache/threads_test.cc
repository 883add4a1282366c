#include <array>
#include <atomic>
#include <random>
#include <thread>

#include "test/unit/cache/support.h"

namespace fairlead::cache {
namespace {

constexpr size_t kNames = 3000;
constexpr size_t kThreads = 4;
constexpr size_t kSteps = 8000;

// The address that name `i` always has, so that a mixed up reply shows.
std::string address_of(size_t i) {
  return "10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256);
}

std::string line_of(size_t i) {
  return "host-" + std::to_string(i) + ".example A";
}

struct Questions {
  Questions() {
    for (size_t i = 0; i < kNames; ++i) asked.push_back(std::make_unique<Asked>(line_of(i)));
  }
  std::vector<std::unique_ptr<Asked>> asked;
};

// One worker: finds, and stores what it does not find. Counts replies that are not right.
size_t work(Cache& cache, const Questions& questions, uint32_t seed, std::atomic<int64_t>& clock) {
  std::mt19937 random(seed);
  std::array<uint8_t, 1232> out{};
  dns::Answer answer;
  size_t wrong = 0;
  for (size_t step = 0; step < kSteps; ++step) {
    const size_t i = std::min(random() % kNames, random() % kNames);
    const dns::Query& query = questions.asked[i]->query;
    const Now now(clock.fetch_add(1'000'000));
    const Found found = cache.find(query, now, random(), out);
    if (found.state == State::Miss || found.state == State::Refresh) {
      Upstream upstream = i % 7 == 0 ? gone(5) : one_address(address_of(i), 5 + i % 50);
      cache.store(query, now, upstream.answer);
    } else if (found.state == State::Verify) {
      cache.serve_stale(query, now, answer);
    }
    if (found.size != 0 && i % 7 != 0) {
      const dns::IpAddress address = *dns::IpAddress::from_text(address_of(i));
      const auto got = std::span(out).first(found.size).last(4);
      wrong += std::ranges::equal(got, address.octets()) ? 0 : 1;
    }
    if (step % 1000 == 0) wrong += cache.totals().success_entries > 1024 ? 1 : 0;
  }
  return wrong;
}

TEST_CASE("threads: many find and store at once, and every reply is whole") {
  for (const bool verify : {false, true}) {
    Settings settings;
    settings.zones.emplace_back();
    settings.success.capacity = 1024;
    settings.stale.enabled = true;
    settings.stale.verify = verify;
    settings.stale.up_to = 20s;
    settings.prefetch.amount = 2;
    Cache cache(settings);
    const Questions questions;
    std::atomic<int64_t> clock{kStart.count()};
    std::array<size_t, kThreads> wrong{};
    std::vector<std::thread> threads;
    for (size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back(
          [&, t] { wrong[t] = work(cache, questions, static_cast<uint32_t>(t + 1), clock); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const size_t count : wrong) CHECK(count == 0);
    CHECK(cache.totals().success_evictions > 0);
  }
}

}  // namespace
}  // namespace fairlead::cache
