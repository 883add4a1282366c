#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "plugins/secondary/turns.h"

namespace fairlead::plugins::secondary {
namespace {

TEST_CASE("secondary: turns are given one by one, and never more than there are") {
  const auto turns = std::make_shared<Turns>();
  std::vector<std::unique_ptr<Turns::Turn>> held;
  int waiting = 0;
  for (size_t i = 0; i < Turns::kMost + 5; ++i)
    turns->ask([&](std::unique_ptr<Turns::Turn> turn) { held.push_back(std::move(turn)); });
  CHECK(held.size() == Turns::kMost);
  turns->ask([&](std::unique_ptr<Turns::Turn>) { ++waiting; });  // gives it back at once
  for (int i = 0; i < 5; ++i) held.erase(held.begin());
  CHECK(held.size() == Turns::kMost);
  CHECK(waiting == 0);
  held.erase(held.begin());
  CHECK(waiting == 1);
  turns->ask([&](std::unique_ptr<Turns::Turn> turn) { held.push_back(std::move(turn)); });
  CHECK(held.size() == Turns::kMost);
}

}  // namespace
}  // namespace fairlead::plugins::secondary
