#include "forward/pipeline.h"

#include <doctest/doctest.h>

#include <set>

namespace fairlead::forward {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{50};

/// A pipeline, and a clock that the test turns.
struct Turned {
  uint16_t add(uint32_t query) { return pipeline.add(query, random, now); }
  void turn(milliseconds time) { now += time; }
  [[nodiscard]] bool holds_up() const { return pipeline.holds_up(now, kPatience); }
  [[nodiscard]] std::optional<uint32_t> held_up() const { return pipeline.held_up(now, kPatience); }

  Pipeline pipeline;
  net::Random random;
  Pipeline::Time now{std::chrono::hours(1)};
};

TEST_CASE("pipeline: a reply ends what waits for its id, once") {
  Turned t;
  const uint16_t first = t.add(1);
  const uint16_t second = t.add(2);
  CHECK(t.pipeline.waiting() == 2);
  CHECK(t.pipeline.answer(second, t.now) == 2U);
  CHECK_FALSE(t.pipeline.answer(second, t.now));
  CHECK(t.pipeline.queries() == std::vector<uint32_t>{1});
  CHECK(t.pipeline.answer(first, t.now) == 1U);
  CHECK(t.pipeline.empty());
}

TEST_CASE("pipeline: ids are used once, up to the bound") {
  Turned t;
  std::set<uint16_t> ids;
  for (uint32_t i = 0; i < Pipeline::kMost; ++i) {
    CHECK_FALSE(t.pipeline.full());
    ids.insert(t.add(i));
  }
  CHECK(t.pipeline.full());
  CHECK(ids.size() == Pipeline::kMost);
}

TEST_CASE("pipeline: one that was given up still holds up those behind it") {
  Turned t;
  const uint16_t slow = t.add(1);
  t.turn(milliseconds(10));
  CHECK(t.pipeline.give_up(1)->since == t.now - milliseconds(10));
  CHECK_FALSE(t.pipeline.give_up(1));
  CHECK(t.pipeline.waiting() == 0);
  CHECK_FALSE(t.pipeline.empty());
  CHECK_FALSE(t.pipeline.has_behind());
  t.turn(milliseconds(40));
  CHECK(t.holds_up());
  t.add(2);
  CHECK(t.pipeline.has_behind());
  CHECK_FALSE(t.held_up());  // it has only come
  t.turn(kPatience);
  CHECK(t.held_up() == 2U);
  CHECK_FALSE(t.pipeline.answer(slow, t.now));
  CHECK_FALSE(t.pipeline.has_behind());
}

TEST_CASE("pipeline: where replies overtake each other, only silence holds up") {
  Turned t;
  t.add(1);  // never answered
  uint16_t quick = t.add(2);
  for (uint32_t i = 3; i < 10; ++i) {
    t.turn(milliseconds(20));
    CHECK(t.pipeline.answer(quick, t.now) == i - 1);
    CHECK_FALSE(t.holds_up());
    quick = t.add(i);
  }
  t.turn(kPatience);
  CHECK(t.held_up() == 9U);
}

TEST_CASE("pipeline: where they come in order, one after the other, a long queue holds up") {
  Turned t;
  std::vector<uint16_t> ids;
  for (uint32_t i = 0; i < 10; ++i) ids.push_back(t.add(i));
  for (size_t i = 0; i < 5; ++i) {
    t.turn(milliseconds(9));
    CHECK_FALSE(t.holds_up());
    t.pipeline.answer(ids[i], t.now);
  }
  t.turn(milliseconds(9));
  CHECK(t.held_up() == 6U);  // 5 is at its turn
}

TEST_CASE("pipeline: the time until the connection is open does not count") {
  Turned t;
  t.add(1);
  t.add(2);
  t.turn(kPatience);
  CHECK(t.holds_up());
  t.pipeline.restart(t.now);
  CHECK_FALSE(t.holds_up());
  CHECK(t.pipeline.waiting_since() == t.now);
}

TEST_CASE("pipeline: where it is known how many are worked on, only those beyond wait") {
  Turned t;
  t.pipeline.set_width(2);
  t.add(1);
  CHECK_FALSE(t.holds_up());
  const uint16_t second = t.add(2);
  t.turn(10 * kPatience);
  CHECK(t.holds_up());  // one more would wait
  CHECK_FALSE(t.held_up());
  CHECK_FALSE(t.pipeline.has_behind());
  const uint16_t third = t.add(3);
  t.add(4);
  CHECK(t.pipeline.has_behind());
  CHECK(t.held_up() == 3U);  // at once
  CHECK(t.pipeline.give_up(3)->id == third);
  CHECK(t.held_up() == 4U);
  t.pipeline.forget(third);
  CHECK(t.pipeline.queries() == std::vector<uint32_t>{1, 2, 4});
  CHECK(t.pipeline.answer(second, t.now) == 2U);
  CHECK_FALSE(t.held_up());  // 4 is worked on
  CHECK_FALSE(t.pipeline.has_behind());
  t.pipeline.forget(second);  // it is not here any more
  CHECK(t.pipeline.waiting() == 2);
}

TEST_CASE("pipeline: a question that nobody waits for blocks those behind it") {
  Turned t;
  const auto began = t.now;
  t.add(1);
  t.turn(milliseconds(10));
  t.add(2);
  t.pipeline.give_up(1);
  CHECK_FALSE(t.pipeline.blocked_since());  // as far as anybody knows
  t.pipeline.set_width(2);
  CHECK_FALSE(t.pipeline.blocked_since());
  t.pipeline.set_width(1);
  CHECK(t.pipeline.blocked_since() == began);
}

}  // namespace
}  // namespace fairlead::forward
