#include "forward/in_flight.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::forward {
namespace {

using Joined = InFlight::Joined;

InFlight::Key key(const std::string& name, dns::RrType type = dns::RrType::A) {
  return {.qname = *dns::Name::from_text(name), .qtype = type};
}

InFlight::Entry entry(const InFlight::Key& k) {
  InFlight::Entry result;
  result.key = k;
  return result;
}

TEST_CASE("in flight: the second who asks waits, in order, and is handed out once") {
  InFlight table;
  InFlight::Entry first = entry(key("a.example."));
  InFlight::Entry other = entry(key("a.example."));
  InFlight::Waiter unused, one, two;
  CHECK(table.join(first, unused) == Joined::Ask);
  CHECK(table.join(other, one) == Joined::Wait);
  CHECK(table.join(other, two) == Joined::Wait);
  CHECK(table.size() == 1);
  InFlight::Waiter* told = table.finish(first);
  REQUIRE(told == &one);
  REQUIRE(told->next == &two);
  CHECK(two.next == nullptr);
  CHECK(table.size() == 0);
  CHECK(table.join(other, unused) == Joined::Ask);
  CHECK(table.finish(other) == nullptr);
  CHECK(table.finish(other) == nullptr);
}

TEST_CASE("in flight: questions that differ in anything do not wait for each other") {
  InFlight::Key base = key("a.example.");
  std::vector<InFlight::Key> keys(8, base);
  keys[1].qname = *dns::Name::from_text("b.example.");
  keys[2].qtype = dns::RrType::Aaaa;
  keys[3].dnssec_ok = true;
  keys[4].checking_disabled = true;
  keys[5].recursion_desired = false;
  keys[6].transport = dns::Transport::Tcp;
  keys[7].options = {0, 8, 0, 0};
  InFlight table;
  std::vector<InFlight::Entry> entries(keys.size());
  InFlight::Waiter waiter;
  for (size_t i = 0; i < keys.size(); ++i) {
    CAPTURE(i);
    entries[i].key = keys[i];
    CHECK(table.join(entries[i], waiter) == Joined::Ask);
  }
  CHECK(table.size() == keys.size());
  for (auto& e : entries) CHECK(table.finish(e) == nullptr);
}

TEST_CASE("in flight: who leaves is not told, whether first, last or in between") {
  for (size_t gone = 0; gone < 3; ++gone) {
    CAPTURE(gone);
    InFlight table;
    InFlight::Entry first = entry(key("a.example."));
    InFlight::Entry mine = first;
    std::vector<InFlight::Waiter> waiters(4);
    InFlight::Waiter unused;
    REQUIRE(table.join(first, unused) == Joined::Ask);
    for (size_t i = 0; i < 3; ++i) REQUIRE(table.join(mine, waiters[i]) == Joined::Wait);
    CHECK(table.leave(first.key, waiters[gone]));
    CHECK_FALSE(table.leave(first.key, waiters[gone]));
    REQUIRE(table.join(mine, waiters[3]) == Joined::Wait);
    std::vector<size_t> told, expected;
    for (auto* w = table.finish(first); w != nullptr; w = w->next)
      told.push_back(static_cast<size_t>(w - waiters.data()));
    for (size_t i = 0; i < 4; ++i) {
      if (i != gone) expected.push_back(i);
    }
    CHECK(told == expected);
    CHECK_FALSE(table.leave(first.key, waiters[3]));
  }
}

TEST_CASE("in flight: only so many wait for one question") {
  InFlight table;
  InFlight::Entry first = entry(key("a.example."));
  InFlight::Entry mine = first;
  std::vector<InFlight::Waiter> waiters(InFlight::kMaxWaiters + 1);
  REQUIRE(table.join(first, waiters[0]) == Joined::Ask);
  for (size_t i = 0; i < InFlight::kMaxWaiters; ++i) {
    REQUIRE(table.join(mine, waiters[i]) == Joined::Wait);
  }
  CHECK(table.join(mine, waiters.back()) == Joined::Full);
  CHECK(table.leave(first.key, waiters[7]));
  CHECK(table.join(mine, waiters.back()) == Joined::Wait);
  CHECK(table.finish(first) == waiters.data());
}

TEST_CASE("in flight: thousands of questions at once are all found again") {
  InFlight table;
  std::vector<InFlight::Entry> entries(20000);
  InFlight::Waiter waiter;
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].key = key("n" + std::to_string(i) + ".example.");
    REQUIRE(table.join(entries[i], waiter) == Joined::Ask);
  }
  std::vector<InFlight::Waiter> waiters(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    InFlight::Entry mine;
    mine.key = entries[i].key;
    REQUIRE(table.join(mine, waiters[i]) == Joined::Wait);
  }
  for (size_t i = 0; i < entries.size(); ++i) REQUIRE(table.finish(entries[i]) == &waiters[i]);
}

// Each thread asks the same few questions over and over; whoever asks hands the outcome to all who
// wait. In the end everybody must have been served exactly once per round.
TEST_CASE("in flight: several threads serve each other, nobody twice and nobody never") {
  constexpr size_t kThreads = 4, kRounds = 2000, kNames = 3;
  struct Asked {
    InFlight::Entry entry;
    InFlight::Waiter waiter;
    std::atomic<int> served{0};
  };
  InFlight table;
  std::vector<std::vector<Asked>> asked(kThreads);
  for (auto& rounds : asked) rounds = std::vector<Asked>(kRounds);
  const auto run = [&](size_t t) {
    for (size_t i = 0; i < kRounds; ++i) {
      Asked& mine = asked[t][i];
      mine.entry.key = key("n" + std::to_string(i % kNames) + ".example.");
      mine.waiter.owner = &mine;
      if (table.join(mine.entry, mine.waiter) != Joined::Ask) continue;
      mine.served.fetch_add(1);
      for (auto* w = table.finish(mine.entry); w != nullptr;) {
        InFlight::Waiter* next = w->next;
        static_cast<Asked*>(w->owner)->served.fetch_add(1);
        w = next;
      }
    }
  };
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) threads.emplace_back(run, t);
  for (auto& t : threads) t.join();
  CHECK(table.size() == 0);
  size_t wrong = 0;
  for (auto& rounds : asked) {
    for (Asked& a : rounds) wrong += a.served.load() == 1 ? 0 : 1;
  }
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace fairlead::forward
