// Plain blocking clients for socket tests. Every wait has an end, so that a missing reply fails a
// test instead of hanging it.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/file_descriptor.h"
#include "net/socket_address.h"

namespace fairlead::test {

using Octets = std::vector<uint8_t>;

inline constexpr int kPatience = 60'000;  // ms; only a failing test waits this long

inline bool wait_for(int fd, short events, int patience = kPatience) {
  pollfd p{fd, events, 0};
  return ::poll(&p, 1, patience) == 1;
}

/// Looks until `condition` holds; false when it never does.
inline bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatience);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

/// A socket that is connected to `server`: it takes replies from that very address only.
inline net::FileDescriptor connect_to(const net::Endpoint& server, int type) {
  net::SocketAddress address{};
  const socklen_t size = net::to_socket_address(server, 0, address);
  net::FileDescriptor fd(::socket(address.any.sa_family, type | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), &address.any, size) != 0) return {};
  return fd;
}

inline net::FileDescriptor udp_client(const net::Endpoint& server) {
  return connect_to(server, SOCK_DGRAM);
}
inline net::FileDescriptor tcp_client(const net::Endpoint& server) {
  return connect_to(server, SOCK_STREAM);
}

inline bool send_all(const net::FileDescriptor& fd, std::span<const uint8_t> octets) {
  while (!octets.empty()) {
    const ssize_t n = ::send(fd.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    octets = octets.subspan(static_cast<size_t>(n));
  }
  return true;
}

/// One datagram; empty when none came.
inline Octets receive_datagram(const net::FileDescriptor& fd, int patience = kPatience) {
  if (!wait_for(fd.get(), POLLIN, patience)) return {};
  Octets out(65536);
  const ssize_t n = ::recv(fd.get(), out.data(), out.size(), MSG_DONTWAIT);
  out.resize(n > 0 ? static_cast<size_t>(n) : 0);
  return out;
}

/// Exactly `size` octets of a stream; fewer when it ends before.
inline Octets receive_exactly(const net::FileDescriptor& fd, size_t size) {
  Octets out(size);
  size_t got = 0;
  while (got < size && wait_for(fd.get(), POLLIN)) {
    const ssize_t n = ::recv(fd.get(), out.data() + got, size - got, MSG_DONTWAIT);
    if (n <= 0) break;
    got += static_cast<size_t>(n);
  }
  out.resize(got);
  return out;
}

inline Octets framed(std::span<const uint8_t> message) {
  Octets out{static_cast<uint8_t>(message.size() >> 8), static_cast<uint8_t>(message.size())};
  out.insert(out.end(), message.begin(), message.end());
  return out;
}

/// The next message of a stream without its length; empty at the end of the stream.
inline Octets receive_message(const net::FileDescriptor& fd) {
  const Octets length = receive_exactly(fd, 2);
  if (length.size() < 2) return {};
  return receive_exactly(fd, static_cast<size_t>(length[0] << 8 | length[1]));
}

/// True when the server closes the connection; replies before that are skipped.
inline bool is_closed_by_peer(const net::FileDescriptor& fd) {
  std::array<uint8_t, 4096> buffer;
  while (wait_for(fd.get(), POLLIN)) {
    if (::recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) <= 0) return true;
  }
  return false;
}

inline std::string text(const Octets& octets) {
  return {octets.begin(), octets.end()};
}
inline Octets octets(std::string_view text) {
  return {text.begin(), text.end()};
}

inline net::Endpoint at(const std::string& address, uint16_t port) {
  return {*dns::IpAddress::from_text(address), port};
}

}  // namespace fairlead::test
