// A scripted upstream over TCP on a free loopback port, for the tests of streams.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dns/address.h"
#include "forward/settings.h"

namespace fairlead::forward {

using Octets = std::vector<uint8_t>;

/// The server's end of one connection. Reads end after 10 s at the latest.
class ServerEnd {
 public:
  explicit ServerEnd(int socket) : socket_(socket) {
    const timeval limit{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~ServerEnd() { close(); }
  ServerEnd(const ServerEnd&) = delete;
  ServerEnd& operator=(const ServerEnd&) = delete;

  [[nodiscard]] int socket() const { return socket_; }
  /// One message without its length; empty at the end of the connection.
  Octets receive() {
    const Octets length = exactly(2);
    return length.empty() ? Octets() : exactly(static_cast<size_t>(length[0] << 8 | length[1]));
  }

  void send_raw(const Octets& octets) const {
    for (size_t at = 0; at < octets.size();) {
      const ssize_t n = ::send(socket_, octets.data() + at, octets.size() - at, MSG_NOSIGNAL);
      if (n <= 0) return;
      at += static_cast<size_t>(n);
    }
  }

  void send(const Octets& message) const { send_raw(framed(message)); }

  static Octets framed(const Octets& message) {
    Octets out{static_cast<uint8_t>(message.size() >> 8), static_cast<uint8_t>(message.size())};
    out.insert(out.end(), message.begin(), message.end());
    return out;
  }

  /// True when the client has closed.
  bool at_end() {
    char octet = 0;
    return ::recv(socket_, &octet, 1, 0) == 0;
  }

  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  Octets exactly(size_t size) const {
    Octets out(size);
    for (size_t at = 0; at < size;) {
      const ssize_t n = ::recv(socket_, out.data() + at, size - at, 0);
      if (n <= 0) return {};
      at += static_cast<size_t>(n);
    }
    return out;
  }

  int socket_;
};

/// Accepts connections and runs a script on each, in a thread of its own: the first script on the
/// first connection, and so on; the last one on all that follow.
class StreamServer {
 public:
  using Script = std::function<void(ServerEnd&)>;

  explicit StreamServer(std::vector<Script> scripts) : scripts_(std::move(scripts)) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to a client that has gone
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, any, size) != 0 || ::listen(listener_, 64) != 0) {
      throw std::runtime_error("cannot listen");
    }
    ::getsockname(listener_, any, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { accept_all(); });
  }

  /// Ends once the scripts have ended; their clients must be gone.
  ~StreamServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    for (std::thread& thread : connections_) thread.join();
    ::close(listener_);
  }
  StreamServer(const StreamServer&) = delete;
  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] size_t accepted() const { return accepted_; }
  [[nodiscard]] UpstreamSettings upstream() const {
    return {.address = *dns::IpAddress::from_text("127.0.0.1"), .port = port_};
  }

 private:
  void accept_all() {
    for (;;) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      const Script& script = scripts_[std::min<size_t>(accepted_, scripts_.size() - 1)];
      ++accepted_;
      connections_.emplace_back([socket, &script] {
        ServerEnd end(socket);
        script(end);
      });
    }
  }

  const std::vector<Script> scripts_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<size_t> accepted_{0};
  std::thread thread_;
  std::vector<std::thread> connections_;  // the accepting thread's, until it has been joined
};

}  // namespace fairlead::forward
