#include "forward/policy.h"

#include <doctest/doctest.h>

#include <map>
#include <vector>

namespace fairlead::forward {
namespace {

using std::chrono::milliseconds;

constexpr size_t kUpstreams = 4;

std::unique_ptr<GroupState> group(Policy policy, bool fail_fast = false) {
  Settings settings{.policy = policy, .max_fails = 1, .fail_fast_all_unhealthy = fail_fast};
  settings.upstreams.resize(kUpstreams);
  return std::make_unique<GroupState>(settings, 1);
}

void take_down(GroupState& g, size_t i) {
  for (int n = 0; n < 2; ++n) g.upstreams[i]->note_failure({.since = Clock::now()});
  REQUIRE(g.upstreams[i]->down());
}

/// How often each upstream is a question's first.
std::vector<size_t> firsts(GroupState& g, size_t questions) {
  net::Random random;
  std::vector<size_t> out(kUpstreams);
  for (size_t i = 0; i < questions; ++i) {
    Asked asked{.turn = static_cast<uint32_t>(i)};
    ++out[choose(g, random, asked)->upstream];
  }
  return out;
}

TEST_CASE("policy random: all alike, none that is down or suspect") {
  const auto g = group(Policy::Random);
  for (const size_t n : firsts(*g, 4000)) {
    CHECK(n > 850);  // 1000 expected, the standard deviation is 27
    CHECK(n < 1150);
  }
  take_down(*g, 1);
  g->upstreams[2]->set_suspect(true);
  const auto counts = firsts(*g, 4000);
  CHECK(counts[1] == 0);
  CHECK(counts[2] == 0);
  CHECK(counts[0] > 1800);
  CHECK(counts[3] > 1800);
}

TEST_CASE("policy round_robin: in turn; the turn of one that is down is the next one's") {
  const auto g = group(Policy::RoundRobin);
  CHECK(firsts(*g, 40) == std::vector<size_t>{10, 10, 10, 10});
  take_down(*g, 3);
  CHECK(firsts(*g, 40) == std::vector<size_t>{20, 10, 10, 0});
}

TEST_CASE("policy sequential: the first that is up") {
  const auto g = group(Policy::Sequential);
  CHECK(firsts(*g, 10) == std::vector<size_t>{10, 0, 0, 0});
  take_down(*g, 0);
  g->upstreams[1]->set_suspect(true);
  CHECK(firsts(*g, 10) == std::vector<size_t>{0, 0, 10, 0});
  g->upstreams[0]->note_reply(Clock::now());
  CHECK(firsts(*g, 10) == std::vector<size_t>{10, 0, 0, 0});
}

TEST_CASE("policy fastest: the fast one nearly always, the others now and then") {
  const auto g = group(Policy::Fastest);
  const milliseconds latency[kUpstreams] = {milliseconds(40), milliseconds(2), milliseconds(30),
                                            milliseconds(9)};
  for (size_t i = 0; i < kUpstreams; ++i) g->upstreams[i]->note_latency(0, latency[i]);
  const auto counts = firsts(*g, 6400);
  CHECK(counts[1] > 6100);  // 200 are for any
  for (const size_t i : {0U, 2U, 3U}) CHECK(counts[i] > 10);
  // Losses cost more than latency.
  for (int i = 0; i < 8; ++i) g->upstreams[1]->note_loss();
  CHECK(firsts(*g, 6400)[3] > 6100);
  for (int i = 0; i < 200; ++i) g->upstreams[1]->note_latency(0, milliseconds(2));
  CHECK(firsts(*g, 6400)[1] > 6100);
}

TEST_CASE("policy: a question goes to each one that is up before any is asked again") {
  for (const Policy policy :
       {Policy::Random, Policy::RoundRobin, Policy::Sequential, Policy::Fastest}) {
    const auto g = group(policy);
    take_down(*g, 2);
    net::Random random;
    Asked asked;
    std::map<size_t, size_t> times;
    for (int i = 0; i < 6; ++i) {
      CHECK(has_another(*g, asked) == (i < 3));
      ++times[choose(*g, random, asked)->upstream];
      if (i == 2) CHECK(times.size() == 3);
    }
    CHECK(times == std::map<size_t, size_t>{{0, 2}, {1, 2}, {3, 2}});
  }
}

TEST_CASE("policy: with all down one is tried at random, or none") {
  const auto g = group(Policy::Sequential);
  const auto fast = group(Policy::Sequential, true);
  for (size_t i = 0; i < kUpstreams; ++i) {
    take_down(*g, i);
    take_down(*fast, i);
  }
  for (const size_t n : firsts(*g, 4000)) CHECK(n > 850);
  net::Random random;
  Asked asked;
  CHECK(choose(*g, random, asked)->all_down);
  CHECK_FALSE(has_another(*g, asked));
  CHECK_FALSE(choose(*fast, random, asked));
}

TEST_CASE("upstream: patience is 50 to 400 ms") {
  const auto g = group(Policy::Random);
  Upstream& u = *g->upstreams[0];
  CHECK(u.patience() <= milliseconds(400));
  u.note_latency(0, milliseconds(1));
  CHECK(u.patience() == milliseconds(50));
  for (int i = 0; i < 200; ++i) u.note_latency(0, milliseconds(40));
  CHECK(u.patience() > milliseconds(100));
  CHECK(u.patience() < milliseconds(200));
  for (int i = 0; i < 200; ++i) u.note_latency(0, milliseconds(1500));
  CHECK(u.patience() > milliseconds(350));
  CHECK(u.patience() <= milliseconds(400));
}

TEST_CASE("upstream: a failure does not count when something came since the question") {
  const auto g = group(Policy::Random);
  Upstream& u = *g->upstreams[0];
  const auto asked = Clock::now();
  u.note_reply(asked + milliseconds(100));
  for (int i = 0; i < 5; ++i) u.note_failure({.since = asked});
  CHECK_FALSE(u.down());
  for (int i = 0; i < 2; ++i) u.note_failure({.since = asked + milliseconds(101)});
  CHECK(u.down());
}

TEST_CASE("upstream: durations fall into the buckets of CoreDNS's histogram") {
  const auto g = group(Policy::Random);
  Upstream& u = *g->upstreams[0];
  for (const int64_t ns : {1, 250'000, 250'001, 500'000, 500'001, 8'192'000, 2'000'000'000})
    u.count_reply(0, dns::Rcode::NoError, nanoseconds(ns));
  u.count_reply(0, dns::Rcode::NxDomain, std::chrono::seconds(60));
  u.count_reply(0, static_cast<dns::Rcode>(3841), milliseconds(1));
  const auto requests = u.totals().requests;
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].count ==
        decltype(requests[0].count){2, 2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0});
  CHECK(requests[0].nanoseconds == 2'009'692'003);
  CHECK(requests[1].rcode == 3);
  CHECK(requests[1].count.back() == 1);
  CHECK(requests[2].rcode == 24);
}

}  // namespace
}  // namespace fairlead::forward
