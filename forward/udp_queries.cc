#include "forward/udp_queries.h"

#include <cerrno>

namespace fairlead::forward {

UdpQueries::UdpQueries() : queue_(dns::kMaxUpstreamQuery) {}

void UdpQueries::add(UdpSocket& socket, std::span<const uint8_t> query) {
  entries_[queue_.size()] = {&socket, socket.generation};
  queue_.add(query);
}

bool UdpQueries::send() {
  bool good = true;
  for (size_t i = 0; i < queue_.size(); ++i) {
    const Entry first = entries_[i];
    if (first.socket == nullptr) continue;
    const size_t size = collect(i);
    if (first.generation != first.socket->generation) continue;
    good &= send_all(*first.socket, std::span(messages_).first(size));
  }
  queue_.clear();
  return good;
}

/// Puts the queries of the socket of entry `first` into messages_. Returns how many.
size_t UdpQueries::collect(size_t first) {
  const Entry wanted = entries_[first];
  size_t size = 0;
  for (size_t i = first; i < queue_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.socket != wanted.socket || entry.generation != wanted.generation) continue;
    messages_[size++] = queue_.messages()[i];
    entry.socket = nullptr;
  }
  return size;
}

bool UdpQueries::send_all(UdpSocket& socket, std::span<mmsghdr> messages) {
  const int error = net::send_messages(socket.fd, messages);
  // A full send buffer loses datagrams as any router would.
  if (error == 0 || error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS) return true;
  socket.send_error = error;
  return false;
}

}  // namespace fairlead::forward
