// What changes while a configuration is served: snapshots of clusters, tables of hosts, zones. One
// thread publishes, every worker reads a plain pointer.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace fairlead::query {

/// Names a place on the board, and what lies there. Copied freely.
template <class T>
struct LiveAt {
  size_t place = 0;
};

/// One worker's copy of the board. Used by that worker's thread; what get() returns is valid until
/// the next LiveBoard::read().
class Live {
 public:
  /// Null until something was published.
  template <class T>
  [[nodiscard]] const T* get(LiveAt<T> at) const {
    return at.place < pointers_.size() ? static_cast<const T*>(pointers_[at.place].get()) : nullptr;
  }

  /// The same, for whoever needs it longer.
  template <class T>
  [[nodiscard]] std::shared_ptr<const T> share(LiveAt<T> at) const {
    if (at.place >= pointers_.size()) return nullptr;
    return std::static_pointer_cast<const T>(pointers_[at.place]);
  }

 private:
  friend class LiveBoard;
  std::vector<std::shared_ptr<const void>> pointers_;
  std::vector<std::shared_ptr<const void>> before_;  // kept for its memory
  uint64_t seen_ = 0;
};

/// The newest of everything. Workers look when they have something to answer: a change wakes nobody
/// up. Any thread.
class LiveBoard {
 public:
  /// `changed`, which may be empty, is called after each publish(), on its thread.
  explicit LiveBoard(std::function<void()> changed = {}) : changed_(std::move(changed)) {}

  /// Takes the place back when the last copy is gone; it must not be read by any block then.
  template <class T>
  class Place {
   public:
    Place(LiveBoard& board, size_t number) : board_(board), at_{number} {}
    ~Place() { board_.give_back(at_.place); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    void publish(std::shared_ptr<const T> value) { board_.put(at_.place, std::move(value)); }
    [[nodiscard]] LiveAt<T> at() const { return at_; }

   private:
    LiveBoard& board_;
    const LiveAt<T> at_;
  };

  /// A place of one's own. The board must outlive it.
  template <class T>
  std::unique_ptr<Place<T>> place() {
    return std::make_unique<Place<T>>(*this, take());
  }

  /// Copies what has changed since `live` was read last: as cheap as a plain load when nothing has.
  void read(Live& live) const {
    if (changes_.load(std::memory_order_acquire) == live.seen_) return;
    live.before_.swap(live.pointers_);
    {
      const std::lock_guard lock(mutex_);
      live.pointers_ = pointers_;
      live.seen_ = changes_.load(std::memory_order_relaxed);
    }
    live.before_.clear();  // what nobody has any more is destroyed behind the lock
  }

 private:
  size_t take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
      pointers_.emplace_back();
      return pointers_.size() - 1;
    }
    const size_t place = free_.back();
    free_.pop_back();
    return place;
  }

  void give_back(size_t place) {
    put(place, nullptr);
    const std::lock_guard lock(mutex_);
    free_.push_back(place);
  }

  void put(size_t place, std::shared_ptr<const void> value) {
    {
      const std::lock_guard lock(mutex_);
      pointers_[place].swap(value);
      changes_.fetch_add(1, std::memory_order_release);
    }
    if (changed_) changed_();
  }  // the old one is destroyed behind the lock: it is the parameter

  const std::function<void()> changed_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const void>> pointers_;
  std::vector<size_t> free_;
  std::atomic<uint64_t> changes_{1};
};

}  // namespace fairlead::query
