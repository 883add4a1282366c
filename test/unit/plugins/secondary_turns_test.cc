#include <doctest/doctest.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include "plugins/secondary/turns.h"

namespace fairlead::plugins::secondary {
namespace {

TEST_CASE("secondary: turns are given one by one, and never more than there are") {
  const auto turns = std::make_shared<Turns>();
  std::deque<std::unique_ptr<Turns::Turn>> held;
  const auto give_back = [&] {  // which may put another one into `held`
    const auto first = std::move(held.front());
    held.pop_front();
  };
  int waiting = 0;
  for (size_t i = 0; i < Turns::kMost + 5; ++i)
    turns->ask([&](std::unique_ptr<Turns::Turn> turn) { held.push_back(std::move(turn)); });
  CHECK(held.size() == Turns::kMost);
  turns->ask([&](std::unique_ptr<Turns::Turn>) { ++waiting; });  // gives it back at once
  for (int i = 0; i < 5; ++i) give_back();
  CHECK(held.size() == Turns::kMost);
  CHECK(waiting == 0);
  give_back();
  CHECK(waiting == 1);
  turns->ask([&](std::unique_ptr<Turns::Turn> turn) { held.push_back(std::move(turn)); });
  CHECK(held.size() == Turns::kMost);
}

}  // namespace
}  // namespace fairlead::plugins::secondary
