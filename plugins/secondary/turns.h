// How many copies of zones are fetched or checked at once.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace fairlead::plugins::secondary {

/// One for the process. Used by the control thread.
///
/// Whoever asks the same servers is of one group. A group has a turn in any case, and never more
/// than kMostOfGroup, so that servers which take their time hold up no zone but their own; and what
/// its turns have in memory together is bounded.
class Turns : public std::enable_shared_from_this<Turns> {
 public:
  class Turn;

 private:
  struct Group {
    size_t used = 0;
    size_t octets = 0;
    std::deque<std::function<void(std::unique_ptr<Turn>)>> waiting;  // one for a zone
  };
  using Groups = std::map<std::string, Group>;  // few: one for each list of servers

 public:
  static constexpr size_t kMost = 16;  // but for the one that each group has
  static constexpr size_t kMostOfGroup = 8;
  static constexpr size_t kMostOctets = size_t{512} << 20;  // of a group

  /// Somebody's turn, for as long as this is held.
  class Turn {
   public:
    Turn(std::shared_ptr<Turns> turns, Groups::iterator group)
        : turns_(std::move(turns)), group_(group) {
      ++turns_->used_;
      ++group_->second.used;
    }
    ~Turn() {
      hold(0);
      --turns_->used_;
      --group_->second.used;
      turns_->drop_unused(group_);
      turns_->call_next();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    /// So much is in memory now. False: that is too much of its group.
    bool hold(size_t octets) {
      Group& group = group_->second;
      group.octets += octets - std::exchange(octets_, octets);
      return group.octets <= kMostOctets;
    }

   private:
    const std::shared_ptr<Turns> turns_;
    const Groups::iterator group_;
    size_t octets_ = 0;
  };

  /// Calls `mine` with a turn: now, or when others have ended. `mine` must not throw, and may be
  /// called when nobody wants it any more.
  void ask(const std::string& group, std::function<void(std::unique_ptr<Turn>)> mine) {
    groups_[group].waiting.push_back(std::move(mine));
    call_next();
  }

 private:
  [[nodiscard]] bool may_go(const Group& group) const {
    if (group.waiting.empty()) return false;
    return group.used == 0 || (used_ < kMost && group.used < kMostOfGroup);
  }

  void drop_unused(Groups::iterator group) {
    if (group->second.used == 0 && group->second.waiting.empty()) groups_.erase(group);
  }

  // Behind the group that was last, all round.
  void call_next() {
    Groups::iterator at = groups_.upper_bound(last_);
    for (size_t i = 0; i < groups_.size(); ++i, ++at) {
      if (at == groups_.end()) at = groups_.begin();
      Group& group = at->second;
      if (!may_go(group)) continue;
      last_ = at->first;
      const auto mine = std::move(group.waiting.front());
      group.waiting.pop_front();
      return mine(std::make_unique<Turn>(shared_from_this(), at));
    }
  }

  size_t used_ = 0;
  Groups groups_;
  std::string last_;
};

}  // namespace fairlead::plugins::secondary
