#include "test/unit/cache/support.h"

namespace fairlead::cache {
namespace {

using dns::Rcode;

Settings stale_settings(bool verify) {
  Settings settings;
  settings.stale.enabled = true;
  settings.stale.verify = verify;
  settings.stale.response_ttl = 3s;
  return settings;
}

// An answer that ended a second ago.
void expire(Setup& setup) {
  setup.store("www.example A", one_address());
  setup.now += 61s;
}

TEST_CASE("stale: immediate serves, and one caller refreshes") {
  Setup setup(stale_settings(false));
  expire(setup);
  const Found found = setup.find("www.example A");
  CHECK(found.state == State::Refresh);
  CHECK(found.stale);
  CHECK_FALSE(found.prefetch);
  CHECK(setup.records() == Texts{"www.example. 3 A 192.0.2.1"});
  const Found second = setup.find("www.example A");
  CHECK(second.state == State::Fresh);
  CHECK(second.stale);
  CHECK(setup.records() == Texts{"www.example. 3 A 192.0.2.1"});
  setup.now += 5s;
  CHECK(setup.state("www.example A") == State::Refresh);
  setup.store("www.example A", one_address("192.0.2.2"));
  CHECK_FALSE(setup.find("www.example A").stale);
  CHECK(setup.records() == Texts{"www.example. 60 A 192.0.2.2"});
}

TEST_CASE("stale: no longer than it may") {
  for (const bool verify : {false, true}) {
    CAPTURE(verify);
    Settings settings = stale_settings(verify);
    settings.stale.up_to = 100s;
    Setup setup(settings);
    setup.store("www.example A", one_address());
    setup.store("gone.example A", gone());
    setup.store("bad.example A", Upstream(Rcode::ServFail));
    setup.now += 60s;
    const State served = verify ? State::Verify : State::Refresh;
    CHECK(setup.state("www.example A") == served);
    CHECK(setup.state("gone.example AAAA") == served);
    CHECK(setup.state("bad.example A") == State::Miss);
    setup.now += 99s + 999ms;
    CHECK(setup.state("www.example A") == served);
    setup.now += 1ms;
    CHECK(setup.state("www.example A") == State::Miss);
    dns::Answer answer;
    CHECK_FALSE(setup.cache.serve_stale(Asked("www.example A").query, setup.now, answer));
  }
}

TEST_CASE("stale: verify asks first, again and again, unless recheck says otherwise") {
  for (const Now recheck : {Now(0s), Now(10s)}) {
    CAPTURE(recheck.count());
    Settings settings = stale_settings(true);
    settings.stale.recheck = recheck;
    Setup setup(settings);
    expire(setup);
    setup.out.clear();
    const Asked asked("WWW.example A");
    CHECK(setup.cache.find(asked.query, setup.now, 0, setup.out).state == State::Verify);
    CHECK(setup.state("www.example A") == State::Verify);
    dns::Answer answer;
    CHECK(setup.cache.read(asked.query, setup.now, answer).state == State::Verify);
    CHECK(setup.cache.serve_stale(asked.query, setup.now, answer));
    REQUIRE(answer.records().size() == 1);
    CHECK(answer.records()[0].ttl == 3);
    CHECK(answer.recursion_available);
    const Found next = setup.find("www.example A");
    CHECK(next.state == (recheck == 0s ? State::Verify : State::Fresh));
    setup.now += recheck;
    CHECK(setup.state("www.example A") == State::Verify);
  }
}

TEST_CASE("stale: a failure during verify leaves the stale answer, a denial replaces it") {
  struct Case {
    Upstream upstream;
    StoreResult result;
    bool stays;
  };
  const Case cases[] = {
      {Upstream(Rcode::ServFail), StoreResult::Outvoted, true},
      {Upstream(Rcode::Refused), StoreResult::Outvoted, true},
      {gone(), StoreResult::Kept, false},
      {nodata(), StoreResult::Kept, false},
      {one_address("192.0.2.2", 0), StoreResult::NotCacheable, false},
  };
  for (const Case& c : cases) {
    CAPTURE(dns::to_text(c.upstream.answer.rcode));
    Settings settings = stale_settings(true);
    settings.stale.recheck = 30s;
    Setup setup(settings);
    expire(setup);
    CHECK(setup.store("www.example A", c.upstream) == c.result);
    const Found found = setup.find("www.example A");
    CHECK((found.state == State::Fresh && found.stale) == c.stays);
    dns::Answer answer;
    const bool served = setup.cache.serve_stale(Asked("www.example A").query, setup.now, answer);
    if (c.stays) CHECK(answer.count(dns::Section::Answer) == 1);
    CHECK(served == (c.result != StoreResult::NotCacheable));
  }
}

TEST_CASE("stale: a kept SERVFAIL is no stale answer") {
  Setup setup(stale_settings(true));
  CHECK(setup.store("www.example A", Upstream(Rcode::ServFail)) == StoreResult::Kept);
  dns::Answer answer;
  CHECK_FALSE(setup.cache.serve_stale(Asked("www.example A").query, setup.now, answer));
}

TEST_CASE("stale: recheck makes the pause after a refresh longer") {
  Settings settings = stale_settings(false);
  settings.stale.recheck = 30s;
  Setup setup(settings);
  expire(setup);
  CHECK(setup.state("www.example A") == State::Refresh);
  setup.now += 29s;
  CHECK(setup.state("www.example A") == State::Fresh);
  setup.now += 1s;
  CHECK(setup.state("www.example A") == State::Refresh);
}

TEST_CASE("stale: prefer_positive keeps a success from every denial") {
  const Upstream denials[] = {gone(), nodata(), Upstream(Rcode::ServFail), Upstream(),
                              Upstream().ns("example", 60, "ns.example")};
  for (const Upstream& denial : denials) {
    Settings settings = stale_settings(true);
    settings.stale.prefer_positive = true;
    Setup setup(settings);
    expire(setup);
    CHECK(setup.store("www.example A", denial) == StoreResult::Outvoted);
    dns::Answer answer;
    CHECK(setup.cache.serve_stale(Asked("www.example A").query, setup.now, answer));
    CHECK(answer.rcode == Rcode::NoError);
    CHECK(answer.count(dns::Section::Answer) == 1);
  }
}

TEST_CASE("stale: prefer_positive holds against an NXDOMAIN found for another type") {
  for (const bool prefer : {false, true}) {
    CAPTURE(prefer);
    Settings settings = stale_settings(false);
    settings.stale.prefer_positive = prefer;
    Setup setup(settings);
    Upstream v6;
    v6.address("", 60, "2001:db8::1");
    setup.store("www.example AAAA", v6);
    setup.now += 61s;
    setup.store("www.example A", gone());
    CHECK(setup.find("www.example AAAA").rcode == (prefer ? Rcode::NoError : Rcode::NxDomain));
    CHECK(setup.find("www.example A").rcode == Rcode::NxDomain);
  }
}

TEST_CASE("stale: prefer_positive gives way to a newer success") {
  Settings settings = stale_settings(false);
  settings.stale.prefer_positive = true;
  Setup setup(settings);
  expire(setup);
  CHECK(setup.store("www.example A", one_address("192.0.2.7")) == StoreResult::Kept);
  CHECK(setup.reply("www.example A") == Texts{"www.example. 60 A 192.0.2.7"});
}

}  // namespace
}  // namespace fairlead::cache
