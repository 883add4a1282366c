// Frames on their way from a worker to the thread that sends them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace fairlead::plugins::dnstap {

/// One worker puts, one thread takes; both hold a mutex for a copy or a swap.
class Queue {
 public:
  /// False, and the frame is not kept, when `most` wait already.
  bool put(std::span<const uint8_t> frame, size_t most) {
    const std::lock_guard lock(mutex_);
    if (count_ >= most) return false;
    octets_.insert(octets_.end(), frame.begin(), frame.end());
    ++count_;
    return true;
  }

  /// Everything that waits, and how many frames that are. `into` is empty, and lends its memory.
  size_t take(std::vector<uint8_t>& into) {
    const std::lock_guard lock(mutex_);
    octets_.swap(into);
    const size_t count = count_;
    count_ = 0;
    return count;
  }

 private:
  std::mutex mutex_;
  std::vector<uint8_t> octets_;  // under mutex_
  size_t count_ = 0;             // under mutex_
};

}  // namespace fairlead::plugins::dnstap
