// DNS over UDP on one worker: readiness from the event loop, then batches of datagrams on the bare
// socket.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "listen/listener.h"
#include "listen/udp_batch.h"
#include "listen/udp_reply.h"
#include "net/asio.h"
#include "net/counter.h"
#include "net/responder.h"

namespace fairlead::listen {

/// What happened to datagrams. Written by the worker's thread, read by any.
struct UdpCounters {
  net::Counter received;
  net::Counter answered;
  net::Counter unanswered;      // the responder had nothing to say
  net::Counter dropped_source;  // port 0, not a host's address, or our own socket
  net::Counter dropped_size;    // larger than any query may be
  net::Counter send_errors;     // replies that the kernel did not take
  net::Counter receive_errors;
  net::Counter kernel_drops;  // datagrams the kernel threw away because a receive buffer was full
};

/// False for a datagram that must not be answered because the reply could start a loop or go where
/// nobody asked: port 0, an unspecified, multicast or broadcast source, or our own listening
/// socket.
bool is_answerable(const net::Endpoint& client, const net::Endpoint& local);

/// One socket of one worker. Touched by the worker's thread only.
class UdpSocket final : public net::LateReplies, public std::enable_shared_from_this<UdpSocket> {
 public:
  /// What the worker lends; all of it outlives the socket.
  struct Worker {
    asio::io_context& context;
    UdpBatch& batch;  // shared by the worker's sockets, as only one of them runs at a time
    UdpCounters& counters;
    std::unique_ptr<net::Responder>& responder;  // may be replaced between two batches
  };

  /// `per_packet_address` and `local` are those of WorkerSockets.
  UdpSocket(const Worker& worker, net::FileDescriptor socket, const net::Endpoint& local,
            bool per_packet_address, uint32_t listener);
  ~UdpSocket() override;

  /// Counts there as well, besides the worker's counters. In front of start().
  void count_drops(std::shared_ptr<SocketDrops> drops) { drops_ = std::move(drops); }

  /// Starts to read and answer.
  void start();

  /// Takes no new datagrams, answers those the kernel has queued, closes once the replies that are
  /// to follow have left.
  void drain();

  std::shared_ptr<net::LateReplies> expect_reply() override;
  void send_late(const net::Peers& peers, std::span<const uint8_t> reply) override;

 private:
  void wait();
  void on_readable();
  [[nodiscard]] bool run_batch();
  size_t answer(size_t begin, size_t end);
  [[nodiscard]] bool read(size_t datagram, net::Request& request);
  void note_kernel_drops();
  void note_unsent(size_t replies);
  void leave_group();
  void close();
  void send_collected();

  Worker worker_;
  asio::posix::stream_descriptor socket_;
  const net::Endpoint local_;
  const bool per_packet_address_;
  const uint32_t listener_;
  std::shared_ptr<SocketDrops> drops_;
  uint32_t batches_ = 0;                   // that were not full
  uint32_t kernel_drops_ = 0;              // as the kernel last told
  size_t expected_ = 0;                    // replies to follow
  std::unique_ptr<UdpReplies> collected_;  // replies that followed and leave within this turn
  bool draining_ = false;
};

}  // namespace fairlead::listen
