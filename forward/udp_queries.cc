#include "forward/udp_queries.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace fairlead::forward {

UdpQueries::UdpQueries() : octets_(kMost * dns::kMaxUpstreamQuery) {
  for (mmsghdr& message : messages_) message.msg_hdr.msg_iovlen = 1;
}

void UdpQueries::add(UdpSocket& socket, std::span<const uint8_t> query) {
  const size_t i = count_++;
  uint8_t* octets = octets_.data() + i * dns::kMaxUpstreamQuery;
  const size_t size = std::min(query.size(), dns::kMaxUpstreamQuery);
  std::memcpy(octets, query.data(), size);
  vectors_[i] = {octets, size};
  entries_[i] = {&socket, socket.generation};
}

bool UdpQueries::send() {
  bool good = true;
  for (size_t i = 0; i < count_; ++i) {
    const Entry first = entries_[i];
    if (first.socket == nullptr) continue;
    const size_t size = collect(i);
    if (first.generation != first.socket->generation) continue;
    good &= send_all(*first.socket, std::span(messages_).first(size));
  }
  count_ = 0;
  return good;
}

/// Puts the queries of the socket of entry `first` into messages_. Returns how many.
size_t UdpQueries::collect(size_t first) {
  const Entry wanted = entries_[first];
  size_t size = 0;
  for (size_t i = first; i < count_; ++i) {
    Entry& entry = entries_[i];
    if (entry.socket != wanted.socket || entry.generation != wanted.generation) continue;
    messages_[size++].msg_hdr.msg_iov = &vectors_[i];
    entry.socket = nullptr;
  }
  return size;
}

bool UdpQueries::send_all(UdpSocket& socket, std::span<mmsghdr> messages) {
  while (!messages.empty()) {
    const auto left = static_cast<unsigned>(messages.size());
    const int n = ::sendmmsg(socket.fd, messages.data(), left, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) {
      messages = messages.subspan(static_cast<size_t>(n));
    } else if (n < 0 && errno != EINTR) {
      // A full send buffer loses datagrams as any router would.
      const bool is_full = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
      if (is_full) return true;
      socket.send_error = errno;
      return false;
    }
  }
  return true;
}

}  // namespace fairlead::forward
