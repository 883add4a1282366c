#include "zones/seen_table.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <utility>

namespace fairlead::zones {
namespace {

using Table = SeenTable<int>;
// The half of a digest that makes the table's hash -> the value, and the list it was seen in.
using Model = std::map<uint32_t, std::pair<int, uint32_t>>;

// Few hashes, so that objects meet in one slot.
Digest key_of(uint32_t number) {
  return {number % 3, number};
}

void see(Table& table, Model& model, uint32_t number, uint32_t relist, int value) {
  const auto known = model.find(number);
  int* const kept = table.see(key_of(number), relist);
  REQUIRE((kept != nullptr) == (known != model.end()));
  if (kept == nullptr) {
    table.add(key_of(number), relist, value);
    model[number] = {value, relist};
    return;
  }
  CHECK(*kept == known->second.first);
  *kept = value;
  known->second = {value, relist};
}

void take(Table& table, Model& model, uint32_t number) {
  const auto known = model.find(number);
  const auto taken = table.take(key_of(number));
  REQUIRE(taken.has_value() == (known != model.end()));
  if (known == model.end()) return;
  CHECK(*taken == known->second.first);
  model.erase(known);
}

void take_unseen(Table& table, Model& model, uint32_t relist) {
  std::multiset<int> expected, undone;
  for (auto at = model.begin(); at != model.end();) {
    if (at->second.second == relist) {
      ++at;
    } else {
      expected.insert(at->second.first);
      at = model.erase(at);
    }
  }
  CHECK(table.take_unseen(relist, [&](int value) { undone.insert(value); }) == expected.size());
  CHECK(undone == expected);
}

TEST_CASE("seen table: keeps one value for each object, until it is taken or not seen again") {
  std::mt19937 random(7);
  Table table;
  Model model;
  uint32_t relist = 0;
  for (int step = 0; step < 20000; ++step) {
    const uint32_t number = static_cast<uint32_t>(random()) % 60;
    if (random() % 8 == 0) {
      take(table, model, number);
    } else {
      see(table, model, number, relist, step);
    }
    if (random() % 200 == 0) take_unseen(table, model, relist++);
    REQUIRE(table.size() == model.size());
  }
}

}  // namespace
}  // namespace fairlead::zones
