#include "forward/udp_sockets.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace fairlead::forward {
namespace {

constexpr uint32_t kFirstPort = 1024;
constexpr uint32_t kPorts = 65536 - kFirstPort;
constexpr int kBindAttempts = 8;   // ports drawn before the kernel chooses
constexpr size_t kSockets = 1024;  // 32,768 questions fill them; other parts need descriptors too
constexpr size_t kEvents = 64;
constexpr int kRounds = 4;           // of kEvents, before the event loop's other work has its turn
constexpr int kBatchesPerRound = 4;  // of one socket

/// The id, or nothing when the datagram is too short to have one.
std::optional<uint16_t> id_of(std::span<const uint8_t> datagram) {
  if (datagram.size() < 2) return std::nullopt;
  return static_cast<uint16_t>(datagram[0] << 8 | datagram[1]);
}

}  // namespace

UdpPeer::UdpPeer(const UpstreamSettings& upstream, const Settings& settings)
    : remote_size(net::to_socket_address({upstream.address, upstream.port},
                                         net::scope_id_of(upstream.scope), remote)) {
  const auto& wanted = settings.source_address;
  if (wanted && wanted->is_v6() == upstream.address.is_v6()) source = wanted;
}

UdpSockets::UdpSockets(asio::io_context& context, net::Random& random, UdpUser& user)
    : random_(random),
      user_(user),
      context_(context),
      epoll_(context),
      buffers_(kBatch * kLargestReply) {
  for (size_t i = 0; i < kBatch; ++i) {
    vectors_[i] = {buffers_.data() + i * kLargestReply, kLargestReply};
    messages_[i].msg_hdr.msg_iov = &vectors_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
}

UdpSockets::~UdpSockets() {
  for (const auto& socket : sockets_) {
    if (socket->fd >= 0) ::close(socket->fd);
  }
}

void UdpSockets::start() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  boost::system::error_code ec;
  if (fd >= 0) epoll_.assign(fd, ec);
  if (fd >= 0 && ec) ::close(fd);
  if (epoll_.is_open()) wait();
}

void UdpSockets::stop() {
  stopped_ = true;
  boost::system::error_code ignored;
  epoll_.close(ignored);
  for (const auto& socket : sockets_) {
    if (socket->fd >= 0) close(*socket);
  }
}

// Sockets

UdpSockets::Place UdpSockets::reserve(UdpPeer& peer, Attempt& attempt, bool fresh,
                                      Clock::time_point now) {
  Place place;
  UdpSocket* socket = peer.current;
  if (socket != nullptr && (fresh || now - socket->opened >= kUdpSocketLife)) {
    peer.current = nullptr;
    close_if_done(*socket, now);
    socket = nullptr;
  }
  place.reused = socket != nullptr;
  if (socket == nullptr) {
    socket = open(peer, place.error);
    if (socket == nullptr) return place;
    socket->opened = now;
  }
  place.socket = socket;
  place.slot = socket->used++;
  socket->slots[place.slot] = {.id = fresh_id(*socket), .used = true, .attempt = &attempt};
  ++socket->pending;
  peer.current = socket->used < UdpSocket::kQuestions ? socket : nullptr;
  return place;
}

uint16_t UdpSockets::fresh_id(const UdpSocket& socket) {
  for (;;) {
    const uint16_t id = random_.u16();
    bool taken = false;
    for (const UdpSocket::Slot& slot : socket.slots) taken |= slot.used && slot.id == id;
    if (!taken) return id;
  }
}

void UdpSockets::send(UdpSocket& socket, std::span<const uint8_t> query) {
  queries_.add(socket, query);
  if (queries_.full() && !queries_.send()) send_failed_ = true;
  if (std::exchange(will_send_, true)) return;
  // One turn of the event loop often asks many: they leave together, behind the last of them.
  post_in(post_memory_, context_, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self != nullptr && !self->stopped_) self->send_collected();
  });
}

void UdpSockets::send_collected() {
  will_send_ = false;
  if (!queries_.send()) send_failed_ = true;
  if (!std::exchange(send_failed_, false)) return;
  for (size_t i = 0; i < sockets_.size() && !stopped_; ++i) {
    UdpSocket& socket = *sockets_[i];
    // The port's refusal of an earlier query comes with the next system call, whichever that is.
    const bool sending = socket.send_error != ECONNREFUSED;
    if (socket.send_error != 0) fail(socket, {.error = socket.send_error, .sending = sending});
  }
}

void UdpSockets::release(UdpSocket& socket, size_t slot, Clock::time_point now) {
  if (socket.slots[slot].attempt == nullptr) return;
  socket.slots[slot].attempt = nullptr;
  --socket.pending;
  close_if_done(socket, now);
}

void UdpSockets::close_if_done(UdpSocket& socket, Clock::time_point now) {
  if (socket.fd < 0 || socket.pending != 0) return;
  const bool takes_more = socket.peer->current == &socket && now - socket.opened < kUdpSocketLife;
  if (!takes_more) close(socket);
}

bool UdpSockets::retire(UdpPeer& peer, Clock::time_point now) {
  UdpSocket* socket = peer.current;
  if (socket == nullptr) return true;
  if (now - socket->opened < kUdpSocketLife) return false;
  peer.current = nullptr;
  close_if_done(*socket, now);
  return true;
}

void UdpSockets::forget(UdpPeer& peer) {
  if (peer.current != nullptr) close(*peer.current);
}

UdpSocket* UdpSockets::open(UdpPeer& peer, int& error) {
  if (!epoll_.is_open() || sockets_.size() - free_.size() >= kSockets) {
    error = EMFILE;
    return nullptr;
  }
  const int fd = open_descriptor(peer, error);
  if (fd < 0) return nullptr;
  if (free_.empty()) {
    sockets_.push_back(std::make_unique<UdpSocket>());
    free_.reserve(sockets_.capacity());
    free_.push_back(sockets_.back().get());
  }
  UdpSocket* socket = free_.back();
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = socket;
  if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event) != 0) {
    error = errno;
    ::close(fd);
    return nullptr;
  }
  free_.pop_back();
  socket->fd = fd;
  socket->peer = &peer;
  return socket;
}

/// A connected socket, or -1 and errno in `error`.
int UdpSockets::open_descriptor(const UdpPeer& peer, int& error) {
  const int family = peer.remote.any.sa_family;
  const int fd = ::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    error = errno;
    return -1;
  }
  if (bind_random(fd, peer) && ::connect(fd, &peer.remote.any, peer.remote_size) == 0) return fd;
  error = errno;
  ::close(fd);
  return -1;
}

bool UdpSockets::bind_random(int fd, const UdpPeer& peer) {
  const bool v6 = peer.remote.any.sa_family == AF_INET6;
  const std::array<uint8_t, 16> zeros{};
  const dns::IpAddress any(std::span<const uint8_t>(zeros).first(v6 ? 16 : 4));
  net::SocketAddress local{};
  for (int i = 0; i <= kBindAttempts; ++i) {
    const auto port = i == kBindAttempts
                          ? uint16_t{0}
                          : static_cast<uint16_t>(kFirstPort + random_.below(kPorts));
    const socklen_t size = net::to_socket_address({peer.source.value_or(any), port}, 0, local);
    if (::bind(fd, &local.any, size) == 0) return true;
    if (errno != EADDRINUSE && errno != EACCES) return false;
  }
  return false;
}

void UdpSockets::close(UdpSocket& socket) {
  ::close(socket.fd);
  if (socket.peer->current == &socket) socket.peer->current = nullptr;
  const uint32_t generation = socket.generation + 1;
  socket = UdpSocket();
  socket.generation = generation;
  free_.push_back(&socket);  // has room: see open()
}

// Replies

void UdpSockets::wait() {
  epoll_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [weak = weak_from_this()](const boost::system::error_code& ec) {
                      const auto self = weak.lock();
                      if (!ec && self != nullptr && !self->stopped_) self->on_readable();
                    });
}

void UdpSockets::on_readable() {
  std::array<epoll_event, kEvents> events;  // NOLINT: the kernel fills it
  for (int round = 0; round < kRounds && !stopped_; ++round) {
    const int n = ::epoll_wait(epoll_.native_handle(), events.data(), kEvents, 0);
    for (int i = 0; i < n && !stopped_; ++i) {
      // A socket that was closed since is either free or another one with nothing to read.
      auto* socket = static_cast<UdpSocket*>(events[static_cast<size_t>(i)].data.ptr);
      if (socket->fd >= 0) drain(*socket);
    }
    if (n < static_cast<int>(kEvents)) break;
  }
  if (!stopped_) wait();
}

void UdpSockets::drain(UdpSocket& socket) {
  const uint32_t generation = socket.generation;
  for (int round = 0; round < kBatchesPerRound; ++round) {
    const int n = ::recvmmsg(socket.fd, messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (n < 0) {
      const int error = errno;
      if (error == EINTR) continue;
      if (error != EAGAIN && error != EWOULDBLOCK) fail(socket, {.error = error});
      return;
    }
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
      const size_t size = std::min<size_t>(messages_[i].msg_len, kLargestReply);
      take(socket, {.octets = {buffers_.data() + i * kLargestReply, size},
                    .cut = (messages_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0});
      if (stopped_ || socket.generation != generation) return;
    }
    if (n < static_cast<int>(kBatch)) return;
  }
}

void UdpSockets::take(UdpSocket& socket, const Datagram& datagram) {
  if (const auto id = id_of(datagram.octets)) {
    for (const UdpSocket::Slot& slot : socket.slots) {
      if (!slot.used || slot.id != *id) continue;
      if (slot.attempt == nullptr) return user_.on_late(*socket.peer);
      return user_.on_datagram(*slot.attempt, *id, datagram);
    }
  }
  ++socket.junk;
  user_.on_stray(*socket.peer, datagram);
}

/// All that wait on the socket fail: the upstream's port or host is what is gone.
void UdpSockets::fail(UdpSocket& socket, UdpError error) {
  if (socket.peer->current == &socket) socket.peer->current = nullptr;
  error.local = net::local_text(socket.fd);
  std::array<Attempt*, UdpSocket::kQuestions> failed{};
  size_t count = 0;
  for (UdpSocket::Slot& slot : socket.slots) {
    if (slot.attempt != nullptr) failed[count++] = std::exchange(slot.attempt, nullptr);
  }
  close(socket);
  for (size_t i = 0; i < count && !stopped_; ++i) user_.on_udp_error(*failed[i], error);
}

}  // namespace fairlead::forward
