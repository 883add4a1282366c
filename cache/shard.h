// One part of the cache: a hash table and the order in which its entries leave.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "cache/entry.h"
#include "cache/queue.h"

namespace fairlead::cache {

/// Everything but `mutex` is to be used with `mutex` held.
class Shard {
 public:
  Shard(Queue::Limits success, Queue::Limits denial);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// Null when there is none. Valid until the next insert() or erase().
  [[nodiscard]] Entry* find(const Key& key) const;

  /// Keeps `entry`, in place of the one with its key if there is one, whose hits it inherits. False
  /// when it is too large a part of what the class may have (a quarter of its bytes).
  bool insert(EntryPtr entry, Now now);

  /// Frees it.
  void erase(Entry& entry);

  [[nodiscard]] const Queue& queue(Kind kind) const { return queues_[static_cast<size_t>(kind)]; }

  /// Entries that left for others while they could still be used.
  [[nodiscard]] uint64_t evictions(Kind kind) const {
    return evictions_[static_cast<size_t>(kind)];
  }
  [[nodiscard]] size_t bytes() const;

  std::mutex mutex;

 private:
  Queue& queue_of(const Entry& entry) { return queues_[static_cast<size_t>(entry.kind)]; }
  void make_room(const Entry& entry, Now now);
  void grow();

  std::vector<Entry*> buckets_;  // a power of two
  std::array<Queue, 2> queues_;
  std::array<uint64_t, 2> evictions_{};
};

}  // namespace fairlead::cache
