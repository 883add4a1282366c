#include "query/snapshot_board.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "zones/store.h"

namespace fairlead::query {
namespace {

zones::SnapshotPtr with_serial(uint32_t serial) {
  zones::Store store({});
  store.put(zones::Namespace{"default"});
  return store.freeze(serial);
}

TEST_CASE("snapshot board: what was published last is read") {
  SnapshotBoard board;
  std::vector<zones::SnapshotPtr> mine;
  CHECK(board.changes() == 0);
  CHECK(board.read(mine) == 0);
  CHECK(mine.empty());
  board.publish(1, with_serial(7));
  CHECK(board.changes() == 1);
  CHECK(board.read(mine) == 1);
  REQUIRE(mine.size() == 2);
  CHECK_FALSE(mine[0]->synced());  // nothing is known of it
  CHECK(mine[0]->serial() == 0);
  CHECK(mine[1]->serial() == 7);
  board.publish(0, with_serial(8));
  board.publish(1, with_serial(9));
  CHECK(board.read(mine) == 3);
  CHECK(mine[0]->serial() == 8);
  CHECK(mine[1]->serial() == 9);
}

TEST_CASE("snapshot board: a reader keeps the places that it made") {
  SnapshotBoard board;
  std::vector<zones::SnapshotPtr> mine(3, SnapshotBoard::nothing());
  board.publish(0, with_serial(1));
  board.read(mine);
  REQUIRE(mine.size() == 3);
  CHECK(mine[0]->serial() == 1);
  CHECK(mine[2]->serial() == 0);
}

TEST_CASE("snapshot board: readers never go back while snapshots come") {
  constexpr uint32_t kSnapshots = 2000;
  SnapshotBoard board;
  board.publish(0, with_serial(1));
  std::thread writer([&] {
    for (uint32_t i = 2; i <= kSnapshots; ++i) board.publish(0, with_serial(i));
  });
  std::vector<zones::SnapshotPtr> mine;
  uint32_t last = 0;
  bool backwards = false;
  while (last < kSnapshots && !backwards) {
    board.read(mine);
    backwards = mine[0]->serial() < last;
    last = mine[0]->serial();
  }
  writer.join();
  CHECK_FALSE(backwards);
}

}  // namespace
}  // namespace fairlead::query
