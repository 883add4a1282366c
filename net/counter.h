// A number that one thread raises and any thread reads.
#pragma once

#include <atomic>
#include <cstdint>

namespace fairlead::net {

/// Only the owning thread writes, so that raising it is a plain add and costs no locked
/// instruction. Readers may see a value that is a moment old.
class Counter {
 public:
  void add(uint64_t n = 1) { set(value() + n); }
  void set(uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

}  // namespace fairlead::net
