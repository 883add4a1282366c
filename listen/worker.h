// One thread, one event loop, and the sockets it serves. What a worker owns is touched by its
// thread only; everything else reaches it as a posted call.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "listen/listener.h"
#include "listen/tcp.h"
#include "listen/udp.h"
#include "net/asio.h"
#include "net/responder.h"

namespace fairlead::listen {

/// Counters of one worker, summed over the workers when they are read.
struct WorkerCounters {
  UdpCounters udp;
  TcpCounters tcp;
};

class Worker {
 public:
  /// `number` names the thread. `tcp` holds this worker's share of the limits (TcpOptions::share).
  /// The thread does not run yet.
  Worker(size_t number, const TcpOptions& tcp);

  /// Stops at once when stop() and join() were not called.
  ~Worker();

  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Starts the thread, with all signals blocked. A responder must have been set.
  void start();

  /// Runs `call` on the worker's thread, in the order of the posts. Any thread; does nothing once
  /// the worker has stopped.
  void post(std::function<void()> call);

  /// Gives the worker its responder: before start(), or on the worker's thread (post it). Takes
  /// effect with the next batch.
  void set_responder(std::unique_ptr<net::Responder> responder);

  /// Serves `sockets` as listener `listener`, the number a Request carries. Several calls with one
  /// number add up. Any thread.
  void adopt(uint32_t listener, WorkerSockets sockets);

  /// Connections of `listener` that are accepted from now on have these settings, until it is
  /// removed; else those of the worker. May come before adopt(). Any thread.
  void set_tcp(uint32_t listener, const TcpSettings& settings);

  /// Stops serving `listener`: datagrams and connections that the kernel has queued are still
  /// answered, open connections finish what they asked. `done`, which may be empty, then runs on
  /// the worker's thread. Any thread.
  void remove(uint32_t listener, std::function<void()> done);

  /// Stops everything as remove() does, waits up to `grace` for connections to finish, then ends
  /// the thread. Any thread.
  void stop(std::chrono::milliseconds grace);

  /// Waits for the end of the thread. Call after stop().
  void join();

  [[nodiscard]] const WorkerCounters& counters() const { return counters_; }

  /// The event loop, for timers and sockets of the responder. Its handlers run on the worker's
  /// thread.
  [[nodiscard]] asio::io_context& context() { return context_; }

 private:
  void run();
  void close_listener(uint32_t listener);
  void finish(std::chrono::milliseconds grace);
  void end_when_idle();

  // Constant after construction.
  const size_t number_;

  // Touched by the worker's thread only (by the creator before start()).
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  WorkerCounters counters_;
  std::unique_ptr<net::Responder> responder_;
  std::unique_ptr<UdpBatch> batch_;
  TcpServer tcp_;
  std::multimap<uint32_t, std::shared_ptr<UdpSocket>> udp_;
  asio::steady_timer stop_timer_;
  std::chrono::steady_clock::time_point stop_at_{};

  std::thread thread_;
};

}  // namespace fairlead::listen
