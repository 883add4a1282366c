// Numbers that nobody outside can guess: ids, source ports, choices.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fairlead::net {

/// The kernel's CSPRNG (getrandom(2)), read a block at a time so that one number costs no system
/// call. Not shared between threads. A number is handed out once and its octets are wiped.
class Random {
 public:
  uint16_t u16();
  uint64_t u64();

  /// Even over [0, bound). `bound` is at least 1.
  uint32_t below(uint32_t bound);

 private:
  void fill();

  std::array<uint8_t, 512> pool_{};
  size_t used_ = sizeof pool_;  // octets of pool_ that have been handed out
};

}  // namespace fairlead::net
