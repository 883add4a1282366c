#include "plugins/building.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "test/unit/plugins/surroundings.h"

namespace fairlead::plugins {
namespace {

enum class Kind { Answers, Waits, LooksAhead };

class NamedStep final : public query::Step {
 public:
  NamedStep(std::string text, Kind kind) : name(std::move(text)), kind_(kind) {}
  query::Turn ask(query::Walk&) const override { return query::Turn::Pass; }
  [[nodiscard]] bool may_wait() const override { return kind_ == Kind::Waits; }
  [[nodiscard]] bool looks_ahead() const override { return kind_ == Kind::LooksAhead; }
  const std::string name;

 private:
  const Kind kind_;
};

std::unique_ptr<const query::Step> named(const std::string& name, Kind kind = Kind::Answers) {
  return std::make_unique<NamedStep>(name, kind);
}

const std::string& name_of(const query::Step* step) {
  return static_cast<const NamedStep*>(step)->name;
}

struct Watching final : query::Observer {
  explicit Watching(bool reads) : reads_(reads) {}
  void replied(const query::Walk&, const query::Reply&) const override {}
  [[nodiscard]] bool reads_answer() const override { return reads_; }
  const bool reads_;
};

/// What a block is built in, and with.
struct Fixture : plugins::testing::Surroundings {
  explicit Fixture(std::vector<net::InterfaceAddress> interfaces = {})
      : plan({}, std::move(interfaces)) {
    plan.place = "Corefile:1";
  }

  /// A directive at `line`, with what it does when it is built.
  void directive(const std::string& name, int line, Plan::Make make = {}) {
    plan.directives.push_back(name);
    plan.uses.push_back({name, "Corefile:" + std::to_string(line)});
    plan.set_reading(name);
    if (make) plan.make(std::move(make));
  }

  Built build() { return Building(plan, earlier, site, "hash", nullptr).build(); }

  /// The names of the chain's steps.
  std::string chain(const Built& built) const {
    std::string all;
    for (const auto& link : built.block->chain)
      all += (all.empty() ? "" : " ") + name_of(link.step.get());
    return all;
  }

  Plan plan;
  std::vector<Plan> earlier;
};

}  // namespace

TEST_CASE("building: steps in the order of the directives, each known by its maker") {
  Fixture f;
  f.directive("first", 4, [](Building& b) {
    b.step(named("a"));
    b.step(named("b"));
  });
  f.directive("second", 2, [](Building& b) { b.step(named("c")); });
  const Built built = f.build();
  CHECK(f.chain(built) == "a b c");
  const auto& chain = built.block->chain;
  CHECK(chain[0].maker == chain[1].maker);
  CHECK(chain[0].maker != chain[2].maker);
  CHECK(chain[0].maker == f.metrics.maker("first"));
  CHECK(built.block->handles_queries);
  CHECK(built.block->unanswered == "plugin/second: no next plugin found");
}

TEST_CASE("building: what a directive offers is there when all are built") {
  struct Domains final : query::SearchDomains {
    [[nodiscard]] std::optional<Found> find(const query::Walk&) const override { return {}; }
  };
  const auto domains = std::make_shared<const Domains>();
  Fixture f;
  std::vector<std::string> offering;
  f.directive("first", 2, [&](Building& b) {
    b.when_built([&](const Built& built) {
      for (const auto& [directive, offered] : built.search_domains) {
        CHECK(offered == domains);
        offering.push_back(directive);
      }
    });
  });
  f.directive("second", 3, [&](Building& b) { b.offer(domains); });
  f.build();
  CHECK(offering == std::vector<std::string>{"second"});
}

TEST_CASE("building: a block whose directives ask nothing of questions refuses them") {
  Fixture f;
  f.directive("bind", 2, [](Building& b) { CHECK(b.hash() == "hash"); });
  const Built built = f.build();
  CHECK(built.block->chain.empty());
  CHECK_FALSE(built.block->handles_queries);
}

TEST_CASE("building: what stands before those who wait comes right in front of the first") {
  const auto cache = [](Building& b) { b.step_before_waiting(named("cache")); };
  const auto hosts = [](Building& b) { b.step(named("hosts")); };
  const auto forward = [](Building& b) {
    b.step(named("forward", Kind::Waits));
    b.step(named("next", Kind::Waits));
  };
  Fixture both;
  both.directive("acl", 2, [](Building& b) { b.step(named("acl")); });
  both.directive("cache", 3, cache);
  both.directive("second", 4, [](Building& b) { b.step_before_waiting(named("second")); });
  both.directive("hosts", 5, hosts);
  both.directive("forward", 6, forward);
  CHECK(both.chain(both.build()) == "acl hosts cache second forward next");
  Fixture nobody_waits;
  nobody_waits.directive("cache", 2, cache);
  nobody_waits.directive("hosts", 3, hosts);
  CHECK(nobody_waits.chain(nobody_waits.build()) == "hosts");
  Fixture behind;
  behind.directive("forward", 2, forward);
  behind.directive("cache", 3, cache);
  CHECK(behind.chain(behind.build()) == "forward next");
}

TEST_CASE("building: those that look ahead are known, in their order") {
  Fixture f;
  f.directive("all", 2, [](Building& b) {
    b.step(named("a", Kind::LooksAhead));
    b.step(named("b"));
    b.step(named("c", Kind::LooksAhead));
  });
  const Built built = f.build();
  REQUIRE(built.block->fetching.size() == 2);
  CHECK(name_of(built.block->fetching[0]) == "a");
  CHECK(name_of(built.block->fetching[1]) == "c");
}

TEST_CASE("building: one observer that reads the answer is enough to keep steps from writing it") {
  for (const bool reads : {false, true}) {
    Fixture f;
    f.directive("log", 2, [reads](Building& b) {
      b.observe(std::make_unique<Watching>(reads));
      b.observe(std::make_unique<Watching>(false));
    });
    const Built built = f.build();
    CHECK(built.block->answer_is_read == reads);
    CHECK(built.block->observers.size() == 2);
    CHECK(built.block->handles_queries);
  }
}

TEST_CASE("building: counters have numbers where somebody looks at them") {
  const auto count = [](std::vector<size_t>& numbers) {
    return [&numbers](Building& b) {
      const auto nothing = [](const auto&, metrics::FamilySet&) {};
      numbers = {b.counters<net::Counter>("a", nothing),
                 b.counters<net::Counter>("a", nothing, "z."),
                 b.counters<net::Counter>("b", nothing)};
    };
  };
  std::vector<size_t> numbers;
  Fixture counted;
  counted.directive("prometheus", 2);
  counted.directive("acl", 3, count(numbers));
  const Built built = counted.build();
  CHECK(numbers == std::vector<size_t>{0, 1, 2});
  REQUIRE(built.counted.size() == 3);
  CHECK(built.counted[0].table == built.counted[1].table);
  CHECK(built.counted[0].table != built.counted[2].table);
  CHECK(built.counted[0].zones.empty());
  CHECK(built.counted[1].zones == "z.");
  Fixture not_counted;
  not_counted.directive("acl", 2, count(numbers));
  CHECK(not_counted.build().counted.empty());
  CHECK(numbers == std::vector<size_t>(3, Building::kNotCounted));
}

TEST_CASE("building: a directive knows whether a block before this one has it") {
  Fixture f;
  f.earlier.emplace_back(corefile::Context{}, std::vector<net::InterfaceAddress>{});
  f.earlier.back().directives = {"health"};
  std::vector<bool> used;
  const auto look = [&used](Building& b) { used.push_back(b.used_before()); };
  f.directive("health", 2, look);
  f.directive("ready", 3, look);
  f.build();
  CHECK(used == std::vector<bool>{true, false});
}

TEST_CASE("building: the addresses that clients can reach") {
  const auto address = [](const char* text) { return *dns::IpAddress::from_text(text); };
  const auto at = [&](std::initializer_list<const char*> texts) {
    ServedKey key;
    for (const char* text : texts) {
      const bool all = std::string_view(text) == "*";
      key.addresses.push_back({.address = all ? dns::IpAddress() : address(text), .wildcard = all});
    }
    return key;
  };
  const std::vector<net::InterfaceAddress> interfaces = {{"lo", address("127.0.0.1")},
                                                         {"eth0", address("10.0.0.7")},
                                                         {"eth0", address("2001:db8::7")}};
  const struct {
    std::vector<ServedKey> keys;
    std::vector<dns::IpAddress> expected;
  } rows[] = {
      {{at({"*"})}, {address("10.0.0.7"), address("2001:db8::7")}},
      {{at({"127.0.0.1", "10.0.0.9"}), at({"10.0.0.9", "::1", "fd00::9"})},
       {address("10.0.0.9"), address("fd00::9")}},
      {{at({"127.0.0.1"})}, {}},
  };
  for (const auto& row : rows) {
    Fixture f(interfaces);
    f.plan.keys = row.keys;
    f.directive("kubernetes", 2, [&row](Building& b) { CHECK(b.own_addresses() == row.expected); });
    f.build();
  }
}

TEST_CASE("building: where each step is written") {
  Fixture f;
  f.directive("forward", 2, [](Building& b) {
    b.step(named("of line 2"));
    b.step(named("of line 5"));
  });
  f.plan.uses.push_back({"forward", "Corefile:5"});
  f.directive("acl", 3, [](Building& b) {
    b.step(named("one"));
    b.step(named("another"));  // of the same use
  });
  const Built built = f.build();
  std::vector<std::string> places;
  for (const auto& link : built.block->chain) {
    const Use& use = built.places.at(link.step.get());
    places.push_back(name_of(link.step.get()) + ": " + use.directive + " " + use.place);
  }
  CHECK(places == std::vector<std::string>{"of line 2: forward Corefile:2",
                                           "of line 5: forward Corefile:5", "one: acl Corefile:3",
                                           "another: acl Corefile:3"});
}

TEST_CASE("building: what one directive offers, those behind it have") {
  struct Store final : query::AnswerStore {
    void keep(const dns::Query&, dns::Answer&) const override {}
    bool find(const dns::Query&, dns::Answer&) const override { return false; }
    [[nodiscard]] uint64_t version() const override { return 0; }
  };
  const auto store = std::make_shared<Store>();
  Fixture f;
  f.directive("acl", 2, [](Building& b) { CHECK(b.answer_store() == nullptr); });
  f.directive("cache", 3, [&](Building& b) { b.offer(store); });
  f.directive("forward", 4, [&](Building& b) { CHECK(b.answer_store() == store); });
  f.build();
}

}  // namespace fairlead::plugins
