// What the cache is worth: hit ratios on a made-up trace beside random eviction and LRU, the CPU
// time of a hit and of a store, the memory of a full cache. Prints a Markdown table.
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "cache/cache.h"
#include "dns/parse.h"
#include "dns/render.h"

namespace fairlead {
namespace {

constexpr uint32_t kNames = 100'000;     // that are asked again
constexpr size_t kRequests = 2'000'000;  // the first fifth warms up
constexpr uint32_t kOncePercent = 20;    // of requests are for names that never come again
constexpr size_t kEntries = 10'000;

// Of this thread: what other programs take does not count.
double cpu_nanoseconds() {
  struct timespec time {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Names by number; those from kNames on come once.
std::vector<uint32_t> make_trace(double exponent) {
  std::vector<double> up_to(kNames);
  double sum = 0;
  for (uint32_t i = 0; i < kNames; ++i) up_to[i] = sum += std::pow(i + 1.0, -exponent);
  std::mt19937_64 random(42);
  std::uniform_real_distribution<double> anywhere(0, sum);
  std::vector<uint32_t> trace(kRequests);
  uint32_t next_once = kNames;
  for (uint32_t& name : trace) {
    if (random() % 100 < kOncePercent) {
      name = next_once++;
    } else {
      const auto at = std::lower_bound(up_to.begin(), up_to.end(), anywhere(random));
      name = std::min<uint32_t>(static_cast<uint32_t>(at - up_to.begin()), kNames - 1);
    }
  }
  return trace;
}

template <typename Ask>
double hit_ratio(const std::vector<uint32_t>& trace, Ask ask) {
  const size_t warm = trace.size() / 5;
  size_t hits = 0;
  for (size_t i = 0; i < trace.size(); ++i) hits += ask(trace[i]) && i >= warm ? 1 : 0;
  return 100.0 * static_cast<double>(hits) / static_cast<double>(trace.size() - warm);
}

// One table, any entry leaves with the same chance.
double random_eviction(const std::vector<uint32_t>& trace, size_t capacity) {
  std::unordered_map<uint32_t, size_t> where;
  std::vector<uint32_t> kept;
  std::mt19937_64 random(1);
  return hit_ratio(trace, [&](uint32_t name) {
    if (where.contains(name)) return true;
    if (kept.size() < capacity) {
      where[name] = kept.size();
      kept.push_back(name);
    } else {
      const size_t slot = random() % capacity;
      where.erase(kept[slot]);
      kept[slot] = name;
      where[name] = slot;
    }
    return false;
  });
}

double lru(const std::vector<uint32_t>& trace, size_t capacity) {
  std::list<uint32_t> order;
  std::unordered_map<uint32_t, std::list<uint32_t>::iterator> where;
  return hit_ratio(trace, [&](uint32_t name) {
    if (const auto found = where.find(name); found != where.end()) {
      order.splice(order.begin(), order, found->second);
      return true;
    }
    if (where.size() == capacity) {
      where.erase(order.back());
      order.pop_back();
    }
    order.push_front(name);
    where[name] = order.begin();
    return false;
  });
}

// The most that any policy could have: it knows what comes next (Belady).
double best_possible(const std::vector<uint32_t>& trace, size_t capacity) {
  std::vector<size_t> next(trace.size());
  std::unordered_map<uint32_t, size_t> seen;
  for (size_t i = trace.size(); i-- > 0;) {
    const auto known = seen.find(trace[i]);
    next[i] = known == seen.end() ? trace.size() + trace[i] : known->second;
    seen[trace[i]] = i;
  }
  std::unordered_map<uint32_t, size_t> kept;      // name: when it comes next
  std::vector<std::pair<size_t, uint32_t>> heap;  // some are out of date
  size_t i = 0;
  return hit_ratio(trace, [&](uint32_t name) {
    const auto found = kept.find(name);
    const bool hit = found != kept.end();
    if (!hit && kept.size() == capacity) {
      while (true) {
        const auto [when, who] = heap.front();
        std::pop_heap(heap.begin(), heap.end());
        heap.pop_back();
        const auto current = kept.find(who);
        if (current == kept.end() || current->second != when) continue;
        kept.erase(current);
        break;
      }
    }
    kept[name] = next[i];
    heap.emplace_back(next[i], name);
    std::push_heap(heap.begin(), heap.end());
    ++i;
    return hit;
  });
}

// A question for name `i`, 35 characters, as a client sends it.
struct Asked {
  explicit Asked(size_t i) {
    char text[64];
    std::snprintf(text, sizeof text, "host-%07zu.my-service.example.com", i);
    const dns::Name name = dns::Name::from_text(text).value_or(dns::Name());
    query.has_question = true;
    query.recursion_desired = true;
    query.set_name(name.view());
    query.qname = query.lower_qname.view();
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
  dns::Query query;
};

void fill(dns::Answer& answer, size_t i) {
  answer.clear();
  answer.recursion_available = true;
  for (uint8_t last = 1; last <= 2; ++last) {
    const std::array<uint8_t, 4> octets{10, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i),
                                        last};
    answer.add_address(dns::Section::Answer, dns::kQname, 3600, dns::IpAddress(octets));
  }
}

cache::Settings settings_of(size_t capacity) {
  cache::Settings settings;
  settings.zones.emplace_back();
  settings.success.capacity = capacity;
  return settings;
}

constexpr cache::Now kNow = std::chrono::hours(1);

double ours(const std::vector<uint32_t>& trace, size_t capacity) {
  cache::Cache cache(settings_of(capacity));
  std::array<uint8_t, 1232> out{};
  dns::Answer answer;
  return hit_ratio(trace, [&](uint32_t name) {
    const Asked asked(name);
    if (cache.find(asked.query, kNow, 0, out).state == cache::Found::State::Fresh) return true;
    fill(answer, name);
    cache.store(asked.query, kNow, answer);
    return false;
  });
}

void print_ratios() {
  std::printf("| trace | entries | random eviction | LRU | Fairlead | best possible |\n");
  std::printf("|---|---|---|---|---|---|\n");
  for (const double exponent : {0.9, 1.0}) {
    const std::vector<uint32_t> trace = make_trace(exponent);
    for (const size_t capacity : {size_t{1024}, size_t{9984}}) {
      std::printf("| Zipf %.1f | %zu | %.1f %% | %.1f %% | %.1f %% | %.1f %% |\n", exponent,
                  capacity, random_eviction(trace, capacity), lru(trace, capacity),
                  ours(trace, capacity), best_possible(trace, capacity));
    }
  }
}

size_t heap_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::vector<std::unique_ptr<Asked>> all_questions() {
  std::vector<std::unique_ptr<Asked>> questions;
  for (size_t i = 0; i < kEntries; ++i) questions.push_back(std::make_unique<Asked>(i));
  return questions;
}

// Nanoseconds of CPU per call of `work(i)`, on each of `threads` at once.
template <typename Work>
double time_each(size_t threads, Work work) {
  constexpr size_t kCalls = 2'000'000;
  std::vector<double> spent(threads);
  const auto run = [&](size_t thread) {
    std::mt19937 random(static_cast<uint32_t>(thread));
    const double start = cpu_nanoseconds();
    for (size_t i = 0; i < kCalls; ++i) work(random() % kEntries);
    spent[thread] = (cpu_nanoseconds() - start) / kCalls;
  };
  std::vector<std::thread> others;
  for (size_t t = 1; t < threads; ++t) others.emplace_back(run, t);
  run(0);
  for (std::thread& other : others) other.join();
  return std::accumulate(spent.begin(), spent.end(), 0.0) / static_cast<double>(threads);
}

void print_costs() {
  const auto questions = all_questions();
  dns::Answer answer;
  fill(answer, 0);
  const size_t before = heap_in_use();
  cache::Cache cache(settings_of(kEntries + 2000));  // so that all of them fit into their shards
  for (size_t i = 0; i < kEntries; ++i) {
    fill(answer, i);
    cache.store(questions[i]->query, kNow, answer);
  }
  const size_t heap = heap_in_use() - before;
  const cache::Totals totals = cache.totals();
  const auto hit = [&](size_t i) {
    std::array<uint8_t, 1232> out;
    cache.find(questions[i]->query, kNow + std::chrono::seconds(9), i + 1, out);
  };
  const auto store = [&](size_t i) {
    thread_local dns::Answer mine;
    fill(mine, i);
    cache.store(questions[i]->query, kNow, mine);
  };
  std::printf("\n| %llu entries, each two addresses of a name of 35 characters | |\n|---|---|\n",
              static_cast<unsigned long long>(totals.success_entries));
  for (const size_t threads : {size_t{1}, size_t{2}}) {
    std::printf("| hit, %zu thread(s), addresses shuffled | %.0f ns |\n", threads,
                time_each(threads, hit));
    std::printf("| store, %zu thread(s) | %.0f ns |\n", threads, time_each(threads, store));
  }
  std::printf("| heap | %.2f MB |\n", static_cast<double>(heap) / 1e6);
  std::printf("| heap for each entry | %zu octets |\n", heap / kEntries);
  std::printf("| what the cache says it takes | %.2f MB |\n",
              static_cast<double>(totals.bytes) / 1e6);
}

}  // namespace
}  // namespace fairlead

int main() {
  fairlead::print_ratios();
  fairlead::print_costs();
  return 0;
}
