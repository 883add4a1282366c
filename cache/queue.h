// The entries of one class in one shard: which goes first when there is no more room.
#pragma once

#include <cstdint>
#include <vector>

#include "cache/entry.h"

namespace fairlead::cache {

/// SIEVE (Zhang et al., NSDI 2024): entries stay in the order they came, and a hand that walks from
/// the oldest to the newest takes the first that was not found since it last passed. What is asked
/// once leaves soon; what is asked again stays; a hit writes one bit. Entries that are of no use
/// any more go before all others, the longest dead first. Owns nothing.
class Queue {
 public:
  struct Limits {
    size_t entries = 0;
    size_t bytes = 0;
  };
  explicit Queue(Limits limits) : limits_(limits) {}

  void add(Entry& entry);
  void remove(Entry& entry);

  /// True when an entry of `footprint` octets needs another one to leave.
  [[nodiscard]] bool full(size_t footprint) const {
    return count() >= limits_.entries || bytes_ + footprint > limits_.bytes;
  }

  /// The entry that has been of no use for the longest; null when all are of use at `now`.
  [[nodiscard]] Entry* dead(Now now) const;

  /// The entry to take out; null when there is none. O(1) amortized: the hand clears a bit with
  /// every entry that it passes.
  Entry* victim();

  [[nodiscard]] size_t count() const { return by_death_.size(); }
  [[nodiscard]] size_t bytes() const { return bytes_; }  // of entries
  [[nodiscard]] size_t table_bytes() const { return by_death_.capacity() * sizeof(void*); }
  [[nodiscard]] const Limits& limits() const { return limits_; }

 private:
  void place(size_t index, Entry& entry);
  void sift_up(size_t index);
  void sift_down(size_t index);

  Limits limits_;
  size_t bytes_ = 0;
  Entry* newest_ = nullptr;
  Entry* oldest_ = nullptr;
  Entry* hand_ = nullptr;         // null: starts at the oldest
  std::vector<Entry*> by_death_;  // binary heap, the first to die on top
};

}  // namespace fairlead::cache
