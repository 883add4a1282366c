// How long a lease of etcd still lives.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace fairlead::plugins::etcd {

/// One for all keys of a lease. The thread of the mirror writes, any may read.
class Lease {
 public:
  explicit Lease(int64_t id) : id_(id) {}

  [[nodiscard]] int64_t id() const { return id_; }
  /// `now` is net::now_ns().
  void set(uint64_t now, int64_t seconds) {
    until_.store(now + static_cast<uint64_t>(std::clamp<int64_t>(seconds, 0, kMost)) * kSecond,
                 std::memory_order_relaxed);
  }
  /// Seconds that are left; 0 when it is over, or nobody has asked yet.
  [[nodiscard]] uint64_t left(uint64_t now) const {
    const uint64_t until = until_.load(std::memory_order_relaxed);
    return until > now ? (until - now + kSecond - 1) / kSecond : 0;
  }

 private:
  static constexpr uint64_t kSecond = 1'000'000'000;
  static constexpr int64_t kMost = 3'000'000'000;  // etcd grants up to 9,000,000,000 of them

  const int64_t id_;
  std::atomic<uint64_t> until_ = 0;
};

}  // namespace fairlead::plugins::etcd
