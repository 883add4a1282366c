#include "query/live_board.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <thread>

namespace fairlead::query {
namespace {

TEST_CASE("live board: what was published last is read") {
  LiveBoard board;
  Live live;
  const auto numbers = board.place<int>();
  const auto texts = board.place<std::string>();
  board.read(live);
  CHECK(live.get(numbers->at()) == nullptr);
  numbers->publish(std::make_shared<const int>(7));
  CHECK(live.get(numbers->at()) == nullptr);  // not before it is read
  board.read(live);
  REQUIRE(live.get(numbers->at()) != nullptr);
  CHECK(*live.get(numbers->at()) == 7);
  CHECK(live.get(texts->at()) == nullptr);
  texts->publish(std::make_shared<const std::string>("a"));
  numbers->publish(std::make_shared<const int>(8));
  board.read(live);
  CHECK(*live.get(numbers->at()) == 8);
  CHECK(*live.get(texts->at()) == "a");
}

TEST_CASE("live board: a place that was given back is empty, and is given again") {
  int changes = 0;
  LiveBoard board([&changes] { ++changes; });
  Live live;
  auto place = board.place<int>();
  const LiveAt<int> at = place->at();
  const auto value = std::make_shared<const int>(1);
  place->publish(value);
  board.read(live);
  CHECK(changes == 1);
  place.reset();
  CHECK(changes == 2);
  CHECK(value.use_count() == 2);  // the reader's
  board.read(live);
  CHECK(live.get(at) == nullptr);
  CHECK(value.use_count() == 1);
  CHECK(board.place<int>()->at().place == at.place);
}

TEST_CASE("live board: readers never go back while values come") {
  constexpr int kValues = 2000;
  LiveBoard board;
  const auto place = board.place<int>();
  place->publish(std::make_shared<const int>(1));
  std::thread writer([&] {
    for (int i = 2; i <= kValues; ++i) place->publish(std::make_shared<const int>(i));
  });
  Live live;
  int last = 0;
  bool backwards = false;
  while (last < kValues && !backwards) {
    board.read(live);
    backwards = *live.get(place->at()) < last;
    last = *live.get(place->at());
  }
  writer.join();
  CHECK_FALSE(backwards);
}

}  // namespace
}  // namespace fairlead::query
