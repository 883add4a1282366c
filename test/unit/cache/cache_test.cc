#include "cache/cache.h"

#include <array>
#include <set>

#include "test/unit/cache/support.h"

namespace fairlead::cache {
namespace {

TEST_CASE("cache: a hit is the reply to the query that found it") {
  Setup setup;
  CHECK(setup.state("www.example A") == State::Miss);
  CHECK(setup.store("www.example A", one_address()) == StoreResult::Kept);
  setup.now += 10s;
  const Asked asked("WwW.eXaMpLe A nord edns=1400", 0x1234);
  setup.out.assign(512, 0);
  const Found found = setup.cache.find(asked.query, setup.now, 0, setup.out);
  CHECK(found.state == State::Fresh);
  CHECK(found.kind == Kind::Success);
  CHECK_FALSE(found.stale);
  setup.out.resize(found.size);
  const scenarios::Reply reply = setup.decoded();
  CHECK(reply.id == 0x1234);
  CHECK(reply.flags == 0x8080);
  CHECK(reply.question.at(0).name == "WwW.eXaMpLe.");
  CHECK(reply.answer == Texts{"WwW.eXaMpLe. 50 A 192.0.2.1"});
  CHECK(reply.edns.has_value());
}

TEST_CASE("cache: a hit is octet for octet what dns::render writes") {
  const char* questions[] = {
      "www.example A",
      "WWW.example A",
      "www.example A tcp",
      "www.example A edns=4096",
      "www.example A nord",
      "www.example A ad edns=1232",
      "www.example A tcp edns=1232 option=11:",
  };
  for (const char* line : questions) {
    CAPTURE(line);
    Upstream upstream;
    upstream.answer.authoritative = upstream.answer.authentic_data = true;
    upstream.cname("", 300, "cdn.example").address("cdn.example", 30, "192.0.2.1");
    upstream.address("cdn.example", 30, "192.0.2.2");
    Setup setup;
    setup.store(line, upstream);
    setup.find(line);
    const Asked asked(line);
    upstream.answer.authentic_data = (asked.question.flags & 0x20) != 0;
    scenarios::Octets expected(dns::kMaxTcpReply);
    expected.resize(render(asked.query, upstream.answer, expected));
    // The kept question is in lower case, so that what points into it follows the client's letters.
    if (asked.query.qname[1] == 'W') expected.clear();
    if (!expected.empty()) CHECK(setup.out == expected);
    CHECK(setup.decoded().answer.size() == 3);
  }
}

TEST_CASE("cache: found by name, type, DO and CD together") {
  struct Case {
    const char* asked;
    bool found;
  };
  const Case cases[] = {
      {"www.example A", true},      {"WWW.EXAMPLE A", true},
      {"www.example A tcp", true},  {"www.example A edns=1232", true},
      {"www.example A nord", true}, {"www.example A ad", true},
      {"www.example AAAA", false},  {"ww.example A", false},
      {"www.example A cd", false},  {"www.example A edns=1232,do", false},
      {"www.www.example A", false}, {"example A", false},
  };
  Setup setup;
  setup.store("www.example A", one_address());
  for (const Case& c : cases) {
    CAPTURE(c.asked);
    CHECK((setup.state(c.asked) == State::Fresh) == c.found);
  }
}

TEST_CASE("cache: each RRset keeps a TTL of its own, the first to end takes all with it") {
  Setup setup;
  Upstream upstream;
  upstream.cname("", 300, "cdn.example").address("cdn.example", 30, "192.0.2.1");
  setup.store("www.example A", upstream);
  setup.now += 10s;
  CHECK(setup.reply("www.example A") ==
        Texts{"www.example. 290 CNAME cdn.example.", "cdn.example. 20 A 192.0.2.1"});
  setup.now += 19s + 999ms;
  CHECK(setup.reply("www.example A").back() == "cdn.example. 1 A 192.0.2.1");
  setup.now += 1ms;
  CHECK(setup.state("www.example A") == State::Miss);
}

TEST_CASE("cache: a clock that another thread read earlier does no harm") {
  Setup setup;
  setup.store("www.example A", one_address());
  setup.now -= 1s;
  CHECK(setup.reply("www.example A") == Texts{"www.example. 60 A 192.0.2.1"});
}

TEST_CASE("cache: keepttl shows the whole TTL until the end") {
  Setup setup({.keep_ttl = true});
  setup.store("www.example A", one_address());
  setup.now += 59s;
  CHECK(setup.reply("www.example A") == Texts{"www.example. 60 A 192.0.2.1"});
  setup.now += 1s;
  CHECK(setup.state("www.example A") == State::Miss);
}

TEST_CASE("cache: AA and RA are the upstream's, AD is for those who asked") {
  Setup setup;
  Upstream upstream = one_address();
  upstream.answer.authoritative = upstream.answer.authentic_data = true;
  setup.store("www.example A", upstream);
  setup.store("www.example A edns=1232,do", upstream);
  Upstream plain = one_address();
  plain.answer.recursion_available = false;
  setup.store("plain.example A", plain);
  setup.find("www.example A");
  CHECK(setup.decoded().flags == 0x8580);
  setup.find("www.example A ad");
  CHECK(setup.decoded().flags == 0x85a0);
  setup.find("www.example A edns=1232,do");
  CHECK(setup.decoded().flags == 0x85a0);
  setup.find("plain.example A");
  CHECK(setup.decoded().flags == 0x8100);
}

TEST_CASE("cache: what does not fit is cut as any reply is") {
  Setup setup;
  Upstream upstream = Upstream().addresses(100);
  setup.store("big.example A", upstream);
  for (const char* line : {"big.example A", "BIG.example A edns=900", "big.example A tcp"}) {
    CAPTURE(line);
    setup.find(line);
    const Asked asked(line);
    scenarios::Octets expected(dns::kMaxTcpReply);
    expected.resize(render(asked.query, upstream.answer, expected));
    CHECK(setup.out == expected);
    CHECK(setup.decoded().truncated() == !asked.question.tcp);
  }
}

TEST_CASE("cache: shuffling changes the order of addresses and nothing else") {
  Setup setup;
  Upstream upstream;
  upstream.cname("", 300, "cdn.example");
  for (const char* text : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) {
    upstream.address("cdn.example", 30, text);
  }
  upstream.address("other.example", 30, "192.0.2.9");
  setup.store("www.example A", upstream);
  setup.find("www.example A");
  const Texts unshuffled = setup.records();
  std::set<Texts> orders;
  for (uint64_t random = 1; random <= 200; ++random) {
    setup.find("www.example A", random * 0x9e3779b97f4a7c15);
    Texts records = setup.records();
    orders.insert(records);
    CHECK(records.front() == unshuffled.front());
    CHECK(records.back() == unshuffled.back());
    std::sort(records.begin(), records.end());
    Texts expected = unshuffled;
    std::sort(expected.begin(), expected.end());
    CHECK(records == expected);
  }
  CHECK(orders.size() == 6);
  CHECK(unshuffled[1] == "cdn.example. 30 A 192.0.2.1");
}

TEST_CASE("cache: shuffling also decides which addresses a short reply holds") {
  Setup setup;
  setup.store("big.example A", Upstream().addresses(60));
  std::set<std::string> first;
  for (uint64_t random = 1; random <= 50; ++random) {
    setup.find("big.example A", random);
    first.insert(setup.records().front());
  }
  CHECK(first.size() > 10);
}

TEST_CASE("cache: read gives what find writes") {
  Setup setup;
  Upstream upstream;
  upstream.answer.authoritative = true;
  upstream.cname("", 300, "cdn.example").address("cdn.example", 30, "192.0.2.1");
  const Asked asked("Www.example A");
  dns::Answer answer;
  CHECK(setup.cache.read(asked.query, setup.now, answer).state == State::Miss);
  setup.store("www.example A", upstream);
  setup.now += 5s;
  const Found found = setup.cache.read(asked.query, setup.now, answer);
  CHECK(found.state == State::Fresh);
  setup.find("Www.example A");
  scenarios::Octets rendered(512);
  rendered.resize(render(asked.query, answer, rendered));
  CHECK(rendered == setup.out);
  CHECK(answer.records()[0].owner.size == 0);
}

TEST_CASE("cache: only names of its zones, and none of those that are disabled") {
  Settings settings;
  settings.zones = {name("example"), name("test")};
  settings.success.disabled_zones = {name("s.example")};
  settings.denial.disabled_zones = {name("d.example")};
  Setup setup(settings);
  CHECK(setup.cache.covers(Asked("a.example A").query));
  CHECK(setup.cache.covers(Asked("EXAMPLE A").query));
  CHECK_FALSE(setup.cache.covers(Asked("anexample A").query));
  struct Case {
    const char* asked;
    StoreResult success;
    StoreResult denial;
  };
  constexpr auto kKept = StoreResult::Kept;
  constexpr auto kDisabled = StoreResult::Disabled;
  const Case cases[] = {{"a.example A", kKept, kKept},
                        {"a.S.example A", kDisabled, kKept},
                        {"d.example A", kKept, kDisabled},
                        {"xd.example A", kKept, kKept},
                        {"a.other A", kDisabled, kDisabled}};
  for (const Case& c : cases) {
    CAPTURE(c.asked);
    CHECK(setup.store(c.asked, one_address()) == c.success);
    CHECK((setup.state(c.asked) == State::Fresh) == (c.success == kKept));
    CHECK(setup.store(c.asked, gone()) == c.denial);
    CHECK((setup.state(c.asked) == State::Fresh) == (c.denial == kKept));
  }
}

TEST_CASE("cache: prefetch asks once for a popular name near its end") {
  Settings settings;
  settings.prefetch.amount = 3;
  settings.prefetch.within = 20s;
  settings.prefetch.percentage = 20;
  Setup setup(settings);
  setup.store("www.example A", one_address("192.0.2.1", 100));
  setup.now += 70s;
  for (int i = 0; i < 5; ++i) CHECK(setup.state("www.example A") == State::Fresh);
  setup.now += 10s;  // 20 s left
  const Found found = setup.find("www.example A");
  CHECK(found.state == State::Refresh);
  CHECK(found.prefetch);
  CHECK_FALSE(found.stale);
  CHECK(setup.records() == Texts{"www.example. 20 A 192.0.2.1"});
  CHECK(setup.state("www.example A") == State::Fresh);
  setup.now += 5s;  // nothing came
  CHECK(setup.state("www.example A") == State::Refresh);
  setup.store("www.example A", one_address("192.0.2.1", 10));
  setup.now += 9s;  // its hits are not forgotten
  CHECK(setup.state("www.example A") == State::Refresh);
}

TEST_CASE("cache: prefetch forgets hits after a gap") {
  Settings settings;
  settings.prefetch.amount = 2;
  settings.prefetch.within = 5s;
  settings.prefetch.percentage = 90;
  Setup setup(settings);
  setup.store("www.example A", one_address("192.0.2.1", 100));
  setup.now += 20s;
  CHECK(setup.state("www.example A") == State::Fresh);
  setup.now += 5s + 1ns;
  CHECK(setup.state("www.example A") == State::Fresh);
  setup.now += 5s;
  CHECK(setup.state("www.example A") == State::Refresh);
}

}  // namespace
}  // namespace fairlead::cache
