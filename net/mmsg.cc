#include "net/mmsg.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace fairlead::net {

int send_messages(int socket, std::span<mmsghdr>& messages) {
  while (!messages.empty()) {
    const auto left = static_cast<unsigned>(messages.size());
    const int n = ::sendmmsg(socket, messages.data(), left, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) {
      messages = messages.subspan(static_cast<size_t>(n));
    } else if (n == 0 || errno != EINTR) {
      return n == 0 ? EIO : errno;
    }
  }
  return 0;
}

DatagramQueue::DatagramQueue(size_t largest) : largest_(largest), octets_(kMost * largest) {
  for (size_t i = 0; i < kMost; ++i) {
    vectors_[i].iov_base = octets_.data() + i * largest;
    messages_[i].msg_hdr.msg_iov = &vectors_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
}

msghdr& DatagramQueue::add(std::span<const uint8_t> octets) {
  iovec& vector = vectors_[count_];
  vector.iov_len = std::min(octets.size(), largest_);
  std::memcpy(vector.iov_base, octets.data(), vector.iov_len);
  return messages_[count_++].msg_hdr;
}

}  // namespace fairlead::net
