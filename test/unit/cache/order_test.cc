// Which of two answers to one question counts.
#include "test/unit/cache/support.h"

namespace fairlead::cache {
namespace {

using dns::Rcode;

const Texts kAddress{"www.example. 60 A 192.0.2.1"};
const Texts kMiss{"miss"};

TEST_CASE("order: an NXDOMAIN is true for every type of the name") {
  Setup setup;
  CHECK(setup.store("www.example A", gone()) == StoreResult::Kept);
  for (const char* line : {"www.example A", "WWW.example AAAA", "www.example TYPE999"}) {
    CAPTURE(line);
    const Found found = setup.find(line);
    CHECK(found.state == State::Fresh);
    CHECK(found.kind == Kind::Denial);
    CHECK(found.rcode == Rcode::NxDomain);
    const scenarios::Reply reply = setup.decoded();
    CHECK(reply.rcode == 3);
    CHECK(reply.authority == Texts{"example. 60 SOA ns.example. ns.example. 1 2 3 4 60"});
    CHECK(reply.question.at(0).type == static_cast<uint16_t>(Asked(line).query.qtype));
  }
  CHECK(setup.state("a.www.example A") == State::Miss);
  CHECK(setup.state("www.example A edns=1232,do") == State::Miss);
  CHECK(setup.cache.totals().denial_entries == 1);
}

TEST_CASE("order: what is at the end of a chain says nothing about other types") {
  Setup setup;
  setup.store("www.example A", gone().cname("", 60, "b.example"));
  CHECK(setup.find("www.example A").rcode == Rcode::NxDomain);
  CHECK(setup.state("www.example AAAA") == State::Miss);
  setup.store("no.example A", nodata());
  CHECK(setup.find("no.example A").rcode == Rcode::NoError);
  CHECK(setup.state("no.example AAAA") == State::Miss);
}

TEST_CASE("order: the newer of a success and a denial counts") {
  Setup setup;
  setup.store("www.example A", one_address());
  setup.store("www.example AAAA", nodata());
  setup.now += 1s;
  setup.store("www.example A", gone());
  CHECK(setup.find("www.example A").rcode == Rcode::NxDomain);
  CHECK(setup.find("www.example AAAA").rcode == Rcode::NxDomain);
  CHECK(setup.find("www.example TXT").rcode == Rcode::NxDomain);
  setup.now += 1s;
  setup.store("www.example A", one_address());
  CHECK(setup.reply("www.example A") == kAddress);
  CHECK(setup.state("www.example TXT") == State::Miss);
  CHECK(setup.find("www.example AAAA").rcode == Rcode::NoError);
  setup.store("www.example A", nodata());
  CHECK(setup.find("www.example A").kind == Kind::Denial);
  setup.store("www.example A", one_address());
  CHECK(setup.reply("www.example A") == kAddress);
}

TEST_CASE("order: an older success does not come back when the denial has ended") {
  Setup setup;
  setup.store("www.example A", one_address("192.0.2.1", 600));
  setup.now += 1s;
  setup.store("www.example A", gone(10));
  setup.now += 11s;
  CHECK(setup.state("www.example A") == State::Miss);
}

TEST_CASE("order: an NXDOMAIN that another type proves wrong is NODATA (RFC 4074)") {
  Setup setup;
  setup.store("www.example A", one_address("192.0.2.1", 60));
  setup.now += 1s;
  Upstream denial = gone(30);
  CHECK(setup.cache.store(Asked("www.example AAAA").query, setup.now, denial.answer) ==
        StoreResult::Kept);
  CHECK(denial.answer.rcode == Rcode::NoError);  // who asked is told so, too
  CHECK(setup.find("www.example AAAA").rcode == Rcode::NoError);
  CHECK(setup.find("www.example AAAA").kind == Kind::Denial);
  CHECK(setup.find("www.example A").kind == Kind::Success);
  CHECK(setup.state("www.example TXT") == State::Miss);
  // Who asks for proofs gets what there is.
  Upstream proven = gone(30);
  setup.cache.store(Asked("www.example AAAA edns=1232,do").query, setup.now, proven.answer);
  CHECK(proven.answer.rcode == Rcode::NxDomain);
  // The proof has expired.
  setup.now += 60s;
  setup.store("www.example AAAA", gone(30));
  CHECK(setup.find("www.example AAAA").rcode == Rcode::NxDomain);
  CHECK(setup.find("www.example TXT").rcode == Rcode::NxDomain);
}

TEST_CASE("order: whoever denies the name for another type may have its A (RFC 4074)") {
  Setup setup;
  setup.store("www.example AAAA", gone());
  CHECK(setup.find("www.example HTTPS").rcode == Rcode::NxDomain);
  CHECK(setup.state("www.example A") == State::Miss);
  setup.now += 1s;
  setup.store("www.example A", one_address());
  CHECK(setup.state("www.example AAAA") == State::Miss);
  CHECK(setup.reply("www.example A") == kAddress);
}

TEST_CASE("order: TTL 0 is for one question, and outdates what was there") {
  Setup setup;
  Upstream zero = one_address("192.0.2.2", 0);
  CHECK(setup.cache.store(Asked("www.example A").query, setup.now, zero.answer) ==
        StoreResult::NotCacheable);
  CHECK(zero.answer.records()[0].ttl == 0);
  CHECK(setup.state("www.example A") == State::Miss);
  setup.store("www.example A", one_address());
  setup.store("www.example A", zero);
  CHECK(setup.state("www.example A") == State::Miss);
  setup.store("www.example A", gone());
  setup.store("www.example A", zero);
  CHECK(setup.state("www.example A") == State::Miss);
  setup.store("www.example A", one_address());
  setup.store("www.example A", Upstream(Rcode::NxDomain).soa("example", 60, 0));
  CHECK(setup.state("www.example A") == State::Miss);
}

TEST_CASE("order: what is not to be kept leaves what is there") {
  Upstream cut = one_address("192.0.2.9");
  cut.answer.truncated = true;
  struct Case {
    const char* what;
    Upstream upstream;
    StoreResult result;
  };
  const Case cases[] = {
      {"truncated", cut, StoreResult::NotCacheable},
      {"nothing", Upstream(), StoreResult::NotCacheable},
      {"NXDOMAIN without SOA", Upstream(Rcode::NxDomain), StoreResult::NotCacheable},
      {"REFUSED", Upstream(Rcode::Refused), StoreResult::Outvoted},
      {"SERVFAIL", Upstream(Rcode::ServFail), StoreResult::Outvoted},
      {"NOTIMP", Upstream(Rcode::NotImp), StoreResult::Outvoted},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Setup setup;
    setup.store("www.example A", one_address());
    setup.store("gone.example A", gone());
    CHECK(setup.store("www.example A", c.upstream) == c.result);
    CHECK(setup.reply("www.example A") == kAddress);
    CHECK(setup.store("gone.example AAAA", c.upstream) == c.result);
    CHECK(setup.find("gone.example AAAA").rcode == Rcode::NxDomain);
  }
}

TEST_CASE("order: SERVFAIL is kept for a short time when there is nothing better") {
  Setup setup;
  CHECK(setup.store("www.example A", Upstream(Rcode::ServFail)) == StoreResult::Kept);
  const Found found = setup.find("www.example A");
  CHECK(found.rcode == Rcode::ServFail);
  CHECK(found.kind == Kind::Denial);
  CHECK(setup.state("www.example AAAA") == State::Miss);
  setup.now += 4s;
  CHECK(setup.state("www.example A") == State::Fresh);
  setup.now += 1s;
  CHECK(setup.state("www.example A") == State::Miss);
  setup.store("www.example A", Upstream(Rcode::ServFail));
  setup.store("www.example A", one_address());
  CHECK(setup.reply("www.example A") == kAddress);
}

TEST_CASE("order: a SERVFAIL takes the place of an expired success unless it may be stale") {
  for (const bool stale : {false, true}) {
    CAPTURE(stale);
    Settings settings;
    settings.stale.enabled = stale;
    Setup setup(settings);
    setup.store("www.example A", one_address());
    setup.now += 61s;
    const StoreResult result = setup.store("www.example A", Upstream(Rcode::ServFail));
    CHECK(result == (stale ? StoreResult::Outvoted : StoreResult::Kept));
    CHECK(setup.find("www.example A").rcode == (stale ? Rcode::NoError : Rcode::ServFail));
  }
}

TEST_CASE("order: servfail 0 keeps none") {
  Setup setup({.servfail_ttl = 0s});
  CHECK(setup.store("www.example A", Upstream(Rcode::ServFail)) == StoreResult::NotCacheable);
  CHECK(setup.reply("www.example A") == kMiss);
}

TEST_CASE("order: an answer that is too large outdates what was there") {
  Setup setup;
  setup.store("www.example A", one_address());
  CHECK(setup.store("www.example A", Upstream().addresses(2100)) == StoreResult::NotCacheable);
  CHECK(setup.reply("www.example A") == kMiss);
  CHECK(setup.store("www.example A", Upstream().addresses(1900)) == StoreResult::Kept);
  CHECK(setup.reply("www.example A tcp").size() == 1900);
}

}  // namespace
}  // namespace fairlead::cache
