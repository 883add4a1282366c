// Where the frames of a dnstap line go: a thread that keeps a connection to their reader, or waits
// for readers to connect.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "metrics/family_set.h"
#include "net/file_descriptor.h"
#include "net/log.h"
#include "net/tls_context.h"
#include "plugins/dnstap/peer.h"
#include "plugins/dnstap/queue.h"
#include "plugins/dnstap/setup.h"

namespace fairlead::plugins::dnstap {

/// One for all directives that say the same, kept over reloads. Its end sends what waits, for a
/// moment at most.
class Sink {
 public:
  /// `log` must outlive it.
  Sink(Options options, size_t workers, net::LogSink& log);
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  [[nodiscard]] const Options& options() const { return options_; }

  /// Takes a frame of append_frame() from worker `worker`, on its thread. Waits for nobody: what is
  /// too much is dropped and counted.
  void put(size_t worker, std::span<const uint8_t> frame);

  /// fairlead_dnstap_*. Any thread.
  void collect(metrics::FamilySet& families) const;
  /// "tcp://127.0.0.1:6000 connected, 12 sent, 0 dropped".
  [[nodiscard]] std::string status() const;

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void open(Clock::time_point now);
  void dial();
  void listen();
  void accept_all();
  void add_peer(net::FileDescriptor socket);
  void wait();
  void serve_peers();
  void pass_on();
  void end();
  void tell_dropped(Clock::time_point now);
  void lost(const std::string& why);
  [[nodiscard]] bool has_room() const;

  const Options options_;
  net::LogSink& log_;
  const net::FileDescriptor wake_;
  std::vector<std::unique_ptr<Queue>> queues_;  // by worker

  // Written by its thread, read by any; the first by workers too.
  std::atomic<uint64_t> dropped_ = 0;
  std::atomic<uint64_t> sent_ = 0, connections_ = 0, connected_ = 0;
  std::atomic<bool> stopping_ = false;

  // Its thread's.
  std::shared_ptr<const net::TlsContext> tls_;  // null: none, or its files are of no use yet
  net::FileDescriptor listener_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<uint8_t> taken_;  // for its memory
  Clock::time_point try_at_;    // to connect or to listen
  Clock::time_point told_at_;
  uint64_t told_ = 0;  // dropped frames that the log knows

  std::thread thread_;
};

}  // namespace fairlead::plugins::dnstap
