#include "listen/udp.h"

#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "dns/hash.h"
#include "net/socket_address.h"

namespace fairlead::listen {
namespace {

// A flooded socket gives way to the worker's other sockets and timers after this many batches.
constexpr int kBatchesPerEvent = 16;
// Batches that were not full between two looks at what the kernel has dropped.
constexpr uint32_t kBatchesPerLook = 32;
// Ends a drain that a flood keeps alive; more than any receive buffer holds.
constexpr int kBatchesPerDrain = 4096;

// Neither unspecified nor multicast: 224.0.0.0/4 (RFC 1112 §4), ff00::/8 (RFC 4291 §2.7); nor
// broadcast. 240.0.0.0/4 has hosts: clusters use it for pods.
bool is_host(const dns::IpAddress& address) {
  const uint8_t* const octets = address.octets().data();
  if (address.is_v6()) {
    return octets[0] != 0xff &&
           (dns::load_word<uint64_t>(octets) | dns::load_word<uint64_t>(octets + 8)) != 0;
  }
  const uint64_t all = dns::load_word<uint32_t>(octets);
  return all != 0 && all != 0xffffffff && (octets[0] & 0xf0) != 0xe0;
}

}  // namespace

bool is_answerable(const net::Endpoint& client, const net::Endpoint& local) {
  return client.port != 0 && client != local && is_host(client.address);
}

UdpSocket::UdpSocket(const Worker& worker, net::FileDescriptor socket, const net::Endpoint& local,
                     bool per_packet_address, uint32_t listener)
    : worker_(worker),
      socket_(worker.context),
      local_(local),
      per_packet_address_(per_packet_address),
      listener_(listener) {
  boost::system::error_code ec;
  socket_.assign(socket.get(), ec);
  if (ec) {
    worker_.counters.receive_errors.add();
    return;
  }
  static_cast<void>(socket.release());
}

UdpSocket::~UdpSocket() = default;

void UdpSocket::start() {
  if (socket_.is_open()) wait();
}

void UdpSocket::wait() {
  socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& ec) {
                       if (!ec && !self->draining_ && self->socket_.is_open()) self->on_readable();
                     });
}

void UdpSocket::on_readable() {
  for (int i = 0; i < kBatchesPerEvent && run_batch(); ++i) {
  }
  wait();
}

/// True when more datagrams may be waiting.
bool UdpSocket::run_batch() {
  UdpBatch& batch = worker_.batch;
  UdpCounters& counters = worker_.counters;
  const int n = batch.receive(socket_.native_handle());
  if (n < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    if (errno == EINTR) return true;
    counters.receive_errors.add();  // the next readiness tries again: no error is worth a busy loop
    return false;
  }
  const auto count = static_cast<size_t>(n);
  size_t answered = 0;
  for (size_t i = 0; i < count; i += net::Responder::kLookahead)
    answered += answer(i, std::min(count, i + net::Responder::kLookahead));
  const size_t failed = batch.send(socket_.native_handle());
  counters.received.add(count);
  counters.answered.add(answered - failed);
  if (failed != 0) note_unsent(failed);
  // A large queue that was full gives full batches until it is empty; a small one is found later.
  const bool full = count == UdpBatch::kMessages;
  if (full || ++batches_ % kBatchesPerLook == 0) note_kernel_drops();
  return full;
}

/// Answers the batch's datagrams `begin` to `end`, kLookahead at most. Returns how many replies
/// there are.
size_t UdpSocket::answer(size_t begin, size_t end) {
  const std::span<net::Request> requests = worker_.batch.requests();
  std::array<size_t, net::Responder::kLookahead> places;
  size_t count = 0;
  for (size_t i = begin; i < end; ++i) {
    if (read(i, requests[count])) places[count++] = i;
  }
  worker_.responder->look_ahead(requests.first(count));
  size_t answered = 0;
  for (size_t k = 0; k < count; ++k) {
    const size_t size = worker_.responder->respond(requests[k], worker_.batch.reply_space());
    if (size == net::kReplyFollows) continue;
    if (size == 0) {
      worker_.counters.unanswered.add();
      continue;
    }
    worker_.batch.add_reply(places[k], size);
    ++answered;
  }
  return answered;
}

/// False when nothing is to be said to it.
bool UdpSocket::read(size_t datagram, net::Request& request) {
  UdpCounters& counters = worker_.counters;
  request.transport = dns::Transport::Udp;
  request.local = local_;
  request.listener = listener_;
  request.late = this;
  const bool whole = worker_.batch.read(datagram, request);
  if (!is_answerable(request.client, request.local)) {
    counters.dropped_source.add();
    return false;
  }
  if (!whole) counters.dropped_size.add();
  return whole;
}

/// The kernel tells its count since the socket was opened, modulo 2^32. To be told with every
/// datagram (SO_RXQ_OVFL) would cost each of them.
void UdpSocket::note_kernel_drops() {
  std::array<uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  const int fd = socket_.native_handle();
  if (::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) return;
  const uint32_t more = memory[SK_MEMINFO_DROPS] - kernel_drops_;
  kernel_drops_ += more;
  if (more == 0) return;
  worker_.counters.kernel_drops.add(more);
  if (drops_) drops_->queries.add(more);
}

void UdpSocket::note_unsent(size_t replies) {
  worker_.counters.send_errors.add(replies);
  if (drops_) drops_->replies.add(replies);
}

void UdpSocket::drain() {
  if (!socket_.is_open() || draining_) return;
  leave_group();
  for (int i = 0; i < kBatchesPerDrain && run_batch(); ++i) {
  }
  draining_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
  send_collected();
}

void UdpSocket::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

std::shared_ptr<net::LateReplies> UdpSocket::expect_reply() {
  ++expected_;
  return shared_from_this();
}

void UdpSocket::send_late(const net::Peers& peers, std::span<const uint8_t> reply) {
  --expected_;
  if (reply.empty()) {
    worker_.counters.unanswered.add();
    if (draining_ && expected_ == 0) send_collected();
    return;
  }
  if (!collected_) {
    const UdpSocketKind kind{local_.address.is_v6(), per_packet_address_};
    collected_ = std::make_unique<UdpReplies>(kind);
  }
  collected_->add(peers, reply);
  if (collected_->full()) return send_collected();
  // One turn of the event loop often brings many: they leave together, behind the last of them.
  if (collected_->size() == 1)
    asio::post(worker_.context, [self = shared_from_this()] { self->send_collected(); });
}

void UdpSocket::send_collected() {
  if (collected_ && collected_->size() != 0 && socket_.is_open()) {
    const size_t count = collected_->size();
    const size_t failed = collected_->send(socket_.native_handle());
    worker_.counters.answered.add(count - failed);
    if (failed != 0) note_unsent(failed);
  }
  if (draining_ && expected_ == 0) close();
}

/// A connected socket gets no more of the datagrams that its SO_REUSEPORT group shares, but keeps
/// what is queued. Should the kernel refuse, datagrams between the last read and the close are
/// lost, as with any other close.
void UdpSocket::leave_group() {
  net::Endpoint nobody = local_;
  nobody.port = 1;
  if (per_packet_address_) {
    std::array<uint8_t, 16> loopback{};
    loopback.back() = 1;
    nobody.address = local_.address.is_v6() ? dns::IpAddress(loopback)
                                            : dns::IpAddress(std::array<uint8_t, 4>{127, 0, 0, 1});
  }
  net::SocketAddress address{};
  const socklen_t size = net::to_socket_address(nobody, 0, address);
  static_cast<void>(::connect(socket_.native_handle(), &address.any, size));
}

}  // namespace fairlead::listen
