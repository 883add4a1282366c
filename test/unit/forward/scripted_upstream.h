// An upstream on loopback that answers as a test says: a thread with a UDP socket, and a TCP
// listener on the same port when asked for.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "asked_query.h"
#include "forward/settings.h"

namespace fairlead::forward {

class ScriptedUpstream {
 public:
  /// The messages to send back, in order. Called on the upstream's thread.
  using Script = std::function<std::vector<Octets>(const AskedQuery&)>;

  explicit ScriptedUpstream(Script script, bool with_tcp = false) : script_(std::move(script)) {
    constexpr int kTries = 100;  // a port that is free for UDP may be taken for TCP
    for (int i = 0; i < kTries && !open(with_tcp); ++i) {
      for (int* fd : {&udp_, &tcp_}) ::close(std::exchange(*fd, -1));
    }
    if (udp_ < 0) throw std::runtime_error("no port is free");
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedUpstream() {
    const uint64_t one = 1;
    static_cast<void>(::write(stop_, &one, sizeof one));
    thread_.join();
    for (const int fd : {udp_, tcp_, stop_}) {
      if (fd >= 0) ::close(fd);
    }
  }
  ScriptedUpstream(const ScriptedUpstream&) = delete;
  ScriptedUpstream& operator=(const ScriptedUpstream&) = delete;

  [[nodiscard]] UpstreamSettings settings() const {
    return {.address = *dns::IpAddress::from_text("127.0.0.1"), .port = ntohs(address_.sin_port)};
  }
  [[nodiscard]] size_t queries() const { return queries_; }

  /// Sends a datagram to a port of loopback, on its own account.
  void say(const Octets& octets, uint16_t port) const {
    sockaddr_in to = address_;
    to.sin_port = htons(port);
    ::sendto(udp_, octets.data(), octets.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }

 private:
  bool open(bool with_tcp) {
    address_ = {};
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    udp_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (!bind_to(udp_) || !with_tcp) return udp_ >= 0 && address_.sin_port != 0;
    tcp_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return bind_to(tcp_) && ::listen(tcp_, 16) == 0;
  }

  bool bind_to(int fd) {
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address_), sizeof address_) != 0) return false;
    socklen_t size = sizeof address_;
    return ::getsockname(fd, reinterpret_cast<sockaddr*>(&address_), &size) == 0;
  }

  std::vector<Octets> answers(AskedQuery query) {
    query.number = queries_++;
    return script_(query);
  }

  void run() {
    for (;;) {
      pollfd fds[] = {{stop_, POLLIN, 0}, {udp_, POLLIN, 0}, {tcp_, POLLIN, 0}};
      ::poll(fds, tcp_ < 0 ? 2 : 3, -1);
      if (fds[0].revents != 0) return;
      if (fds[1].revents != 0) serve_udp();
      if (tcp_ >= 0 && fds[2].revents != 0) serve_tcp();
    }
  }

  void serve_udp() {
    Octets buffer(4096);
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* any = reinterpret_cast<sockaddr*>(&from);
    const ssize_t n = ::recvfrom(udp_, buffer.data(), buffer.size(), 0, any, &size);
    if (n < 12) return;
    buffer.resize(static_cast<size_t>(n));
    for (const Octets& reply : answers({.octets = buffer, .port = ntohs(from.sin_port)}))
      ::sendto(udp_, reply.data(), reply.size(), 0, any, size);
  }

  /// One query per connection is all the tests need.
  void serve_tcp() {
    const int fd = ::accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
    uint8_t length[2];
    if (::recv(fd, length, 2, MSG_WAITALL) == 2) {
      Octets query(static_cast<size_t>(length[0] << 8 | length[1]));
      ::recv(fd, query.data(), query.size(), MSG_WAITALL);
      for (Octets reply : answers({.octets = query, .tcp = true})) {
        const size_t size = reply.size();
        reply.insert(reply.begin(), {static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)});
        ::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
      }
    }
    ::close(fd);
  }

  const Script script_;  // called by the thread only
  std::atomic<size_t> queries_{0};
  int udp_ = -1, tcp_ = -1;
  int stop_ = ::eventfd(0, EFD_CLOEXEC);
  sockaddr_in address_{};
  std::thread thread_;
};

}  // namespace fairlead::forward
