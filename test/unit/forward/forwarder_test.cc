#include "forward/forwarder.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <future>
#include <set>

#include "test/unit/forward/asked.h"

namespace fairlead::forward {
namespace {

using std::chrono::milliseconds;
using Status = Outcome::Status;
using Replies = std::vector<Octets>;

ScriptedUpstream::Script saying(const Says& says) {
  return [says](const AskedQuery& query) { return Replies{says.to(query)}; };
}
ScriptedUpstream::Script silent() {
  return [](const AskedQuery&) { return Replies{}; };
}

/// An upstream whose port is closed.
UpstreamSettings closed() {
  ScriptedUpstream gone(silent());
  return gone.settings();
}

TEST_CASE("forwarder: an answer comes back whole, once, not from within ask()") {
  ScriptedUpstream upstream(saying({.tag = 7}));
  Worker worker(settings_for({&upstream}));
  Told told;
  worker.ask(told);
  CHECK(told.times == 0);
  CHECK(worker.forwarder->in_flight() == 1);
  REQUIRE(worker.run_until([&] { return told.times != 0; }));
  CHECK(told.status == Status::Answered);
  CHECK(told.tags == std::vector{7});
  CHECK(worker.forwarder->in_flight() == 0);
  CHECK(upstream.queries() == 1);
  const UpstreamTotals totals = worker.upstream(0);
  REQUIRE(totals.requests.size() == 1);
  CHECK(totals.requests[0].rcode == 0);
  CHECK(totals.latency_nanoseconds > 0);
  CHECK(totals.udp_cache_misses == 1);
  CHECK(totals.to == "127.0.0.1:" + std::to_string(upstream.settings().port));
}

TEST_CASE("forwarder: every rcode is an answer") {
  for (const dns::Rcode rcode : {dns::Rcode::ServFail, dns::Rcode::NxDomain, dns::Rcode::Refused}) {
    ScriptedUpstream upstream(saying({.rcode = rcode}));
    Worker worker(settings_for({&upstream}));
    const Told told = worker.result();
    CHECK(told.status == Status::Answered);
    CHECK(told.rcode == rcode);
    CHECK(worker.upstream(0).requests.at(0).rcode == static_cast<uint16_t>(rcode));
  }
}

TEST_CASE("forwarder: what is not the reply is counted and ignored, the reply still counts") {
  ScriptedUpstream upstream([](const AskedQuery& query) {
    Octets wrong_id = Says{.tag = 66}.to(query);
    wrong_id[0] ^= 1;
    Octets wrong_question = Says{.tag = 66}.to(query);
    wrong_question[13] ^= 1;
    Octets wrong_type = Says{.tag = 66}.to(query);
    wrong_type[query.question_end() - 3] = 28;
    Octets forged_count = Says{.tag = 66, .edns = false}.to(query);
    forged_count[7] = 99;
    const Octets garbage = {query.octets[0], query.octets[1], 0xff};
    return Replies{wrong_id,   query.octets, garbage,      wrong_question,
                   wrong_type, {0xff},       forged_count, Says{.tag = 1}.to(query)};
  });
  Worker worker(settings_for({&upstream}));
  const Told told = worker.result();
  CHECK(told.status == Status::Answered);
  CHECK(told.tags == std::vector{1});
  const auto ignored = worker.upstream(0).ignored;
  const auto count = [&](dns::ResponseFault f) { return ignored[static_cast<size_t>(f)]; };
  CHECK(count(dns::ResponseFault::Id) == 1);
  CHECK(count(dns::ResponseFault::NotResponse) == 1);
  CHECK(count(dns::ResponseFault::Short) == 2);
  CHECK(count(dns::ResponseFault::Question) == 2);
  CHECK(count(dns::ResponseFault::Record) == 1);
}

TEST_CASE("forwarder: a silent upstream costs less than 400 ms, and later nothing") {
  ScriptedUpstream dead(silent());
  ScriptedUpstream alive(saying({.tag = 2}));
  Settings settings = settings_for({&dead, &alive});
  settings.policy = Policy::Sequential;
  Worker worker(settings);
  Told told = worker.result();
  CHECK(told.tags == std::vector{2});
  CHECK(told.took < milliseconds(400));
  CHECK(worker.upstream(0).retries == 1);
  // Its probe goes unanswered soon; then the other one is asked first.
  REQUIRE(worker.run_until([&] { return worker.result().took < milliseconds(30); }));
  const size_t asked = dead.queries();
  for (int i = 0; i < 50; ++i) CHECK(worker.result().tags == std::vector{2});
  CHECK(dead.queries() <= asked + 2);  // probes
}

TEST_CASE("forwarder: the only upstream loses a query, which is asked again on another port") {
  std::set<uint16_t> ports;
  {
    ScriptedUpstream upstream([&](const AskedQuery& query) {
      if (query.octets[12] != 0) ports.insert(query.port);  // not a probe
      return query.number == 0 ? Replies{} : Replies{Says{}.to(query)};
    });
    Worker worker(settings_for({&upstream}));
    const Told told = worker.result();
    CHECK(told.status == Status::Answered);
    CHECK(told.took < milliseconds(400));
  }
  CHECK(ports.size() == 2);
}

TEST_CASE("forwarder: the first upstream's late reply is taken after another one was asked") {
  std::promise<AskedQuery> first;
  ScriptedUpstream slow([&](const AskedQuery& query) {
    if (query.number == 0) first.set_value(query);
    return Replies{};
  });
  ScriptedUpstream dead(silent());
  Settings settings = settings_for({&slow, &dead});
  settings.policy = Policy::Sequential;
  Worker worker(settings);
  Told told;
  worker.ask(told);
  REQUIRE(worker.run_until([&] { return dead.queries() != 0; }));
  CHECK(told.times == 0);
  const AskedQuery query = first.get_future().get();
  slow.say(Says{.tag = 3}.to(query), query.port);
  REQUIRE(worker.run_until([&] { return told.times != 0; }));
  CHECK(told.tags == std::vector{3});
}

TEST_CASE("forwarder: a refused port is left for another upstream at once") {
  ScriptedUpstream alive(saying({.tag = 2}));
  Settings settings = settings_for({&alive});
  settings.policy = Policy::Sequential;
  settings.upstreams.insert(settings.upstreams.begin(), closed());
  Worker worker(settings);
  const Told told = worker.result();
  CHECK(told.tags == std::vector{2});
  CHECK(told.took < milliseconds(45));
}

TEST_CASE("forwarder: all refuse: failed soon, in CoreDNS's words") {
  Settings settings;
  settings.upstreams = {closed()};
  Worker worker(settings);
  const Told told = worker.result();
  CHECK(told.status == Status::Failed);
  CAPTURE(told.error);
  CHECK(told.error.starts_with("read udp 127.0.0.1:"));
  CHECK(told.error.ends_with(":" + std::to_string(settings.upstreams[0].port) +
                             ": read: connection refused"));
  CHECK(told.took < milliseconds(100));
}

TEST_CASE("forwarder: nobody is left to wait for when one refuses after the other") {
  Settings settings;
  settings.upstreams = {closed(), closed()};
  Worker worker(settings);
  const Told told = worker.result();
  CHECK(told.status == Status::Failed);
  CHECK(told.took < milliseconds(100));
}

TEST_CASE("forwarder: all silent: failed within 5 s; when known, sooner or at once") {
  ScriptedUpstream dead(silent());
  Settings settings = settings_for({&dead});
  settings.read_timeout = milliseconds(150);
  settings.health_check.interval = milliseconds(10);
  Worker worker(settings);
  const Told told = worker.result();
  CHECK(told.status == Status::Failed);
  CHECK(told.error.ends_with(std::to_string(dead.settings().port) + ": i/o timeout"));
  CHECK(told.took < milliseconds(5000));
  while (!worker.upstream(0).down) CHECK(worker.result().status == Status::Failed);
  CHECK(worker.result().status == Status::Failed);
  CHECK(totals(*worker.group).healthcheck_broken >= 1);

  settings.fail_fast_all_unhealthy = true;
  Worker fast(settings);
  while (!fast.upstream(0).down) CHECK(fast.result().status == Status::Failed);
  const Told refused = fast.result();
  CHECK(refused.error == "no healthy proxies");
  CHECK(refused.took < milliseconds(50));
}

TEST_CASE("forwarder: an upstream that is down is probed, and asked again once it replies") {
  std::atomic<bool> up = false;
  std::atomic<size_t> probes = 0;
  ScriptedUpstream upstream([&](const AskedQuery& query) {
    const bool root = query.octets[12] == 0 && query.octets[14] == 2;
    if (root) ++probes;
    return up ? Replies{Says{.rcode = dns::Rcode::Refused}.to(query)} : Replies{};
  });
  Settings settings = settings_for({&upstream});
  settings.read_timeout = milliseconds(100);
  settings.health_check.interval = milliseconds(10);
  settings.fail_fast_all_unhealthy = true;
  Worker worker(settings);
  while (!worker.upstream(0).down) worker.result();
  CHECK(probes > 0);
  up = true;
  REQUIRE(worker.run_until([&] { return !worker.upstream(0).down; }));
  const Told told = worker.result();
  CHECK(told.status == Status::Answered);
  CHECK(told.rcode == dns::Rcode::Refused);
  // It is up: nobody probes any more.
  const size_t before = probes;
  for (int i = 0; i < 20; ++i) worker.result();
  CHECK(probes <= before + 1);
}

TEST_CASE("forwarder: no probes with max_fails 0") {
  ScriptedUpstream dead(silent());
  Settings settings = settings_for({&dead});
  settings.read_timeout = milliseconds(50);
  settings.max_fails = 0;
  settings.max_connect_attempts = 1;
  Worker worker(settings);
  for (int i = 0; i < 4; ++i) CHECK(worker.result().status == Status::Failed);
  CHECK_FALSE(worker.upstream(0).down);
  CHECK(worker.upstream(0).healthcheck_failures == 0);
  CHECK(dead.queries() <= 8);
}

TEST_CASE("forwarder: max_concurrent") {
  ScriptedUpstream dead(silent());
  Settings settings = settings_for({&dead});
  settings.read_timeout = milliseconds(50);
  settings.max_connect_attempts = 1;
  settings.max_concurrent = 2;
  Worker worker(settings);
  std::array<Told, 3> told;
  for (Told& t : told) worker.ask(t);
  CHECK(told[2].times == 0);
  REQUIRE(worker.run_until([&] { return worker.forwarder->in_flight() == 0; }));
  CHECK(told[0].status == Status::Failed);
  CHECK(told[1].status == Status::Failed);
  CHECK(told[2].status == Status::Overloaded);
  CHECK(told[2].error == "concurrent queries exceeded maximum 2");
  CHECK(totals(*worker.group).max_concurrent_rejects == 1);
  CHECK(worker.result().status == Status::Failed);  // there is room again
}

TEST_CASE("forwarder: a full table refuses, and everybody is told once") {
  ScriptedUpstream dead(silent());
  Settings settings = settings_for({&dead});
  settings.read_timeout = milliseconds(50);
  settings.max_connect_attempts = 1;
  Worker worker(settings);
  std::vector<Told> told(16384 + 100);
  for (Told& t : told) worker.ask(t);
  REQUIRE(worker.run_until([&] { return worker.forwarder->in_flight() == 0; }));
  size_t overloaded = 0, wrong = 0;
  for (const Told& t : told) {
    overloaded += t.status == Status::Overloaded ? 1 : 0;
    wrong += t.times == 1 ? 0 : 1;
  }
  CHECK(wrong == 0);
  CHECK(overloaded >= 100);
  CHECK(overloaded < 300);
}

TEST_CASE("forwarder: failover asks another upstream; the last such answer is the outcome") {
  ScriptedUpstream refuses(saying({.rcode = dns::Rcode::Refused}));
  ScriptedUpstream fails(saying({.rcode = dns::Rcode::ServFail}));
  ScriptedUpstream answers(saying({.tag = 5}));
  Settings settings = settings_for({&refuses, &fails, &answers});
  settings.policy = Policy::Sequential;
  settings.failover = {2, 5};
  Worker all(settings);
  CHECK(all.result().tags == std::vector{5});
  settings.upstreams.pop_back();
  Worker two(settings);
  const Told told = two.result();
  CHECK(told.status == Status::Answered);
  CHECK(told.rcode == dns::Rcode::ServFail);
}

TEST_CASE("forwarder: an upstream without EDNS is asked without, and remembered") {
  std::atomic<size_t> with_edns = 0;
  ScriptedUpstream upstream([&](const AskedQuery& query) {
    if (!query.has_edns()) return Replies{Says{.tag = 4}.to(query)};
    ++with_edns;
    return Replies{Says{.rcode = dns::Rcode::FormErr, .edns = false}.to(query)};
  });
  Worker worker(settings_for({&upstream}));
  CHECK(worker.result().tags == std::vector{4});
  CHECK(worker.result().tags == std::vector{4});
  CHECK(with_edns == 1);
}

/// Drops what has an OPT record.
ScriptedUpstream::Script dropping_edns() {
  return [](const AskedQuery& query) {
    return query.has_edns() ? Replies{} : Replies{Says{.tag = 4}.to(query)};
  };
}

TEST_CASE("forwarder: an upstream that drops queries with OPT is asked without, and remembered") {
  for (const uint32_t max_fails : {0U, 2U}) {
    ScriptedUpstream upstream(dropping_edns());
    Settings settings = settings_for({&upstream});
    settings.max_fails = max_fails;
    Worker worker(settings);
    const Told first = worker.result();
    CHECK(first.tags == std::vector{4});
    CHECK(first.took < milliseconds(1000));
    const Told next = worker.result();
    CHECK(next.tags == std::vector{4});
    CHECK(next.took < milliseconds(150));
  }
}

TEST_CASE("forwarder: a probe finds out about it when another upstream answers in its place") {
  ScriptedUpstream drops(dropping_edns());
  ScriptedUpstream other(saying({.tag = 1}));
  Settings settings = settings_for({&drops, &other});
  settings.policy = Policy::Sequential;
  settings.health_check.interval = milliseconds(10);
  Worker worker(settings);
  CHECK(worker.result().tags == std::vector{1});
  CHECK(worker.run_until([&] { return worker.result().tags == std::vector{4}; }));
}

TEST_CASE("forwarder: OPT stays for who wants DNSSEC, and for whom it is known to reach") {
  std::atomic<bool> silent_now = false;
  std::atomic<size_t> with_edns = 0, without = 0;
  ScriptedUpstream upstream([&](const AskedQuery& query) {
    ++(query.has_edns() ? with_edns : without);
    return silent_now ? Replies{} : Replies{Says{}.to(query)};
  });
  Settings settings = settings_for({&upstream});
  settings.read_timeout = milliseconds(600);
  settings.max_fails = 0;
  Worker wants(settings);
  bool dnssec_ok = false;
  SUBCASE("DNSSEC") {
    dnssec_ok = true;
  }
  SUBCASE("known") {
    CHECK(wants.result().status == Status::Answered);
  }
  silent_now = true;
  Told told;
  const dns::Name qname = *dns::Name::from_text("www.example.");
  wants.forwarder->ask(wants.group, {.qname = qname.view(), .dnssec_ok = dnssec_ok},
                       dns::Transport::Udp, 1232, told);
  REQUIRE(wants.run_until([&] { return told.times != 0; }));
  CHECK(with_edns >= 2);
  CHECK(without == 0);
}

TEST_CASE("forwarder: FORMERR that is not about EDNS is the outcome") {
  ScriptedUpstream upstream(saying({.rcode = dns::Rcode::FormErr}));
  Worker worker(settings_for({&upstream}));
  CHECK(worker.result().rcode == dns::Rcode::FormErr);
  CHECK(upstream.queries() == 1);
}

TEST_CASE("forwarder: nobody is told after the forwarder is gone, and nothing is left behind") {
  ScriptedUpstream dead(silent());
  Worker worker(settings_for({&dead}));
  Told told;
  worker.ask(told);
  REQUIRE(worker.run_until([&] { return dead.queries() != 0; }));
  worker.forwarder.reset();
  worker.context.restart();
  worker.context.run();  // ends: no timer, no socket is left
  CHECK(told.times == 0);
}

}  // namespace
}  // namespace fairlead::forward
