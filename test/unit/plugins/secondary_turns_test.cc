#include <doctest/doctest.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugins/secondary/turns.h"

namespace fairlead::plugins::secondary {
namespace {

using Held = std::vector<std::unique_ptr<Turns::Turn>>;

struct Asking {
  Asking() = default;
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() {  // who still waits is called
    for (auto& [group, turns_held] : held)
      while (!turns_held.empty()) give_back(group);
    for (auto& [group, turns_held] : held)
      while (!turns_held.empty()) give_back(group);
  }

  const std::shared_ptr<Turns> turns = std::make_shared<Turns>();
  std::map<std::string, Held> held;

  void ask(const std::string& group, size_t times = 1) {
    for (size_t i = 0; i < times; ++i)
      turns->ask(group, [this, group](std::unique_ptr<Turns::Turn> turn) {
        held[group].push_back(std::move(turn));
      });
  }
  // Another one may have it at once.
  void give_back(const std::string& group) {
    const auto last = std::move(held[group].back());
    held[group].pop_back();
  }
};

TEST_CASE("secondary: turns are given one by one, and a group has no more than its share") {
  Asking all;
  all.ask("slow", Turns::kMostOfGroup + 5);
  CHECK(all.held["slow"].size() == Turns::kMostOfGroup);
  bool called = false;
  all.turns->ask("slow", [&](std::unique_ptr<Turns::Turn>) { called = true; });
  for (int i = 0; i < 5; ++i) all.give_back("slow");
  CHECK(all.held["slow"].size() == Turns::kMostOfGroup);
  CHECK_FALSE(called);
  all.give_back("slow");
  CHECK(called);  // gave it back at once
  all.ask("slow");
  CHECK(all.held["slow"].size() == Turns::kMostOfGroup);
}

TEST_CASE("secondary: servers that take their time hold up nobody else") {
  Asking all;
  for (const char* group : {"a", "b", "c"}) all.ask(group, 20);
  CHECK(all.held["a"].size() + all.held["b"].size() + all.held["c"].size() == Turns::kMost + 1);
  CHECK(all.held["c"].size() == 1);
  all.ask("good", 2);
  CHECK(all.held["good"].size() == 1);
  all.give_back("good");
  CHECK(all.held["good"].size() == 1);
}

TEST_CASE("secondary: groups that wait are served in turn") {
  Asking all;
  for (const char* group : {"a", "b"}) all.ask(group, Turns::kMostOfGroup + 2);
  for (int i = 0; i < 2; ++i) all.ask("c", 2);
  CHECK(all.held["c"].size() == 1);
  // One that ends makes room for whoever is next, of whichever group.
  all.give_back("a");
  all.give_back("b");
  const size_t used = all.held["a"].size() + all.held["b"].size() + all.held["c"].size();
  CHECK(used == Turns::kMost);
}

TEST_CASE("secondary: what a group has in memory is bounded") {
  Asking all;
  all.ask("one", 2);
  all.ask("other");
  Turns::Turn& first = *all.held["one"][0];
  CHECK(first.hold(Turns::kMostOctets));
  CHECK_FALSE(all.held["one"][1]->hold(1));
  CHECK(all.held["other"][0]->hold(Turns::kMostOctets));
  first.hold(0);
  CHECK(all.held["one"][1]->hold(Turns::kMostOctets));
  all.give_back("one");
  CHECK(first.hold(Turns::kMostOctets));
}

}  // namespace
}  // namespace fairlead::plugins::secondary
