// How many copies of zones are fetched or checked at once.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

namespace fairlead::plugins::secondary {

/// One for the process. Used by the control thread.
class Turns : public std::enable_shared_from_this<Turns> {
 public:
  static constexpr size_t kMost = 16;

  /// Somebody's turn, for as long as this is held.
  class Turn {
   public:
    explicit Turn(std::shared_ptr<Turns> turns) : turns_(std::move(turns)) { ++turns_->used_; }
    ~Turn() {
      --turns_->used_;
      turns_->call_next();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    const std::shared_ptr<Turns> turns_;
  };

  /// Calls `mine` with a turn: now, or when others have ended. `mine` must not throw, and may be
  /// called when nobody wants it any more.
  void ask(std::function<void(std::unique_ptr<Turn>)> mine) {
    waiting_.push_back(std::move(mine));
    call_next();
  }

 private:
  void call_next() {
    if (waiting_.empty() || used_ >= kMost) return;
    const auto mine = std::move(waiting_.front());
    waiting_.pop_front();
    mine(std::make_unique<Turn>(shared_from_this()));
  }

  size_t used_ = 0;
  std::deque<std::function<void(std::unique_ptr<Turn>)>> waiting_;  // one for a zone
};

}  // namespace fairlead::plugins::secondary
