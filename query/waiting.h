// The walks of one worker: the one that is answered now, and the bounded table of those that wait.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "net/asio.h"
#include "query/walk.h"

namespace fairlead::query {

/// Used by its worker's thread only.
class WaitingWalks {
 public:
  /// Walks that wait at once: some 1.5 kB each once used. One more is answered meanwhile.
  static constexpr size_t kMost = 8192;

  /// `late` is called with a walk that waits when one of its steps wanted to be told
  /// (Step::late), and the time.
  using Late = std::function<void(Walk&, uint64_t now)>;
  WaitingWalks(WalkOwner& owner, WorkerView& worker, Late late);

  /// A walk that nobody uses.
  Walk& take();

  /// It waits from now on; call again when it has waited and waits for something else.
  void add(Walk& walk);

  /// It does not wait (any more) and is nobody's.
  void release(Walk& walk);

  [[nodiscard]] bool has_room() const { return waiting_ < kMost; }
  [[nodiscard]] size_t waiting() const { return waiting_; }

 private:
  void forget_time(Walk& walk);
  void watch();
  void tell();

  WalkOwner& owner_;
  WorkerView& worker_;
  const Late late_;
  std::deque<Walk> walks_;
  std::vector<Walk*> free_;
  size_t waiting_ = 0;
  std::multimap<uint64_t, Walk*> times_;
  net::Timer timer_;
};

}  // namespace fairlead::query
