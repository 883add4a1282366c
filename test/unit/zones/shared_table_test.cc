#include "zones/shared_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace fairlead::zones {
namespace {

using Table = SharedTable<int>;
using Model = std::multimap<uint32_t, int>;

// Few hashes, some of them neighbours in one bucket, so that collisions of every kind happen.
uint32_t draw_hash(std::mt19937& random) {
  const uint32_t branch = random() % 3 * 0x55555555U;
  return branch ^ (random() % 4 << 20) ^ random() % 5;
}

std::vector<int> found(const Table& table, uint32_t hash) {
  std::vector<int> entries;
  table.for_each(hash, [&](int entry) { entries.push_back(entry); });
  std::ranges::sort(entries);
  return entries;
}

void check_same(const Table& table, const Model& model) {
  CHECK(table.size() == model.size());
  for (uint32_t i = 0; i < 3; ++i) {
    for (uint32_t bucket = 0; bucket < 4; ++bucket) {
      for (uint32_t low = 0; low < 5; ++low) {
        const uint32_t hash = i * 0x55555555U ^ bucket << 20 ^ low;
        std::vector<int> expected;
        for (auto [at, end] = model.equal_range(hash); at != end; ++at)
          expected.push_back(at->second);
        std::ranges::sort(expected);
        if (found(table, hash) != expected) FAIL("hash " << hash);
      }
    }
  }
}

void change(Table& table, Model& model, std::mt19937& random) {
  const uint32_t hash = draw_hash(random);
  const int value = static_cast<int>(random() % 4);
  const auto is_value = [&](int entry) { return entry == value; };
  auto at = std::find_if(model.lower_bound(hash), model.upper_bound(hash),
                         [&](const auto& e) { return e.second == value; });
  const bool is_there = at != model.upper_bound(hash);
  switch (random() % 4) {
    case 0:
    case 1:
      table.insert(hash, value);
      model.emplace(hash, value);
      break;
    case 2:
      CHECK(table.erase(hash, is_value) == is_there);
      if (is_there) model.erase(at);
      break;
    default:
      int* const entry = table.change(hash, is_value);
      CHECK((entry != nullptr) == is_there);
      if (entry != nullptr) *entry = at->second = value + 10;
  }
}

TEST_CASE("shared table: behaves as a multimap, and copies of it never change") {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Table table;
    Model model;
    std::vector<std::pair<Table, Model>> held;
    for (int step = 0; step < 600; ++step) {
      change(table, model, random);
      if (step % 37 == 0) held.emplace_back(table, model);
      if (held.size() > 4) held.erase(held.begin() + static_cast<long>(random() % held.size()));
    }
    check_same(table, model);
    for (const auto& [copy, then] : held) check_same(copy, then);
  }
}

TEST_CASE("shared table: find stops at the entry that is accepted") {
  Table table;
  for (int i = 0; i < 3; ++i) table.insert(7, i);
  int visits = 0;
  const int* entry = table.find(7, [&](int) { return ++visits == 2; });
  REQUIRE(entry != nullptr);
  CHECK(visits == 2);
  CHECK(table.find(8, [](int) { return true; }) == nullptr);
  CHECK(Table().find(7, [](int) { return true; }) == nullptr);
}

std::vector<const void*> asked;
struct WriteDown {
  void operator()(const void* at) const { asked.push_back(at); }
};

TEST_CASE("shared table: a fetch asks for the lines in which find() looks") {
  std::mt19937 random(1);
  Table table;
  std::vector<uint32_t> hashes(20'000);  // some five in a block, which are two cache lines
  for (uint32_t& hash : hashes) {
    hash = static_cast<uint32_t>(random());
    table.insert(hash, 1);
  }
  size_t right = 0;
  for (const uint32_t hash : hashes) {
    asked.clear();
    Table::Fetch<WriteDown> fetch(table, hash);
    fetch.fetch_block();
    fetch.fetch_slots();
    REQUIRE(asked.size() == 3);
    const int* const entry = table.find(hash, [](int) { return true; });
    CHECK(fetch.entry() == entry);
    const auto is_line_of_entry = [&](const void* at) {
      return reinterpret_cast<uintptr_t>(at) / 64 == reinterpret_cast<uintptr_t>(entry) / 64;
    };
    if (std::any_of(asked.begin(), asked.end(), is_line_of_entry)) ++right;
  }
  CAPTURE(right);
  CHECK(right > hashes.size() * 9 / 10);
}

}  // namespace
}  // namespace fairlead::zones
