// Datagrams that leave together, by sendmmsg(2).
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fairlead::net {

/// Sends from the front of `messages`, without waiting, and takes off what the kernel has taken.
/// Returns 0 when that is all, or the errno of the first that is left.
int send_messages(int socket, std::span<mmsghdr>& messages);

/// Copies of datagrams that wait for send_messages(). Used by one thread.
class DatagramQueue {
 public:
  static constexpr size_t kMost = 32;

  /// What is longer than `largest` octets is cut.
  explicit DatagramQueue(size_t largest);
  DatagramQueue(const DatagramQueue&) = delete;
  DatagramQueue& operator=(const DatagramQueue&) = delete;

  /// Must not be full(). Returns the header, where all but the octets stays as it is from one use
  /// to the next: at first without name and control message.
  msghdr& add(std::span<const uint8_t> octets);

  [[nodiscard]] size_t size() const { return count_; }
  [[nodiscard]] bool full() const { return count_ == kMost; }
  [[nodiscard]] std::span<mmsghdr> messages() { return std::span(messages_).first(count_); }
  void clear() { count_ = 0; }

 private:
  const size_t largest_;
  size_t count_ = 0;
  std::vector<uint8_t> octets_;
  std::array<iovec, kMost> vectors_{};
  std::array<mmsghdr, kMost> messages_{};
};

}  // namespace fairlead::net
