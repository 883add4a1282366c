// The life of the server: start, reload, lameduck, stop. Runs on the control thread (the one that
// calls run()); answers are made on the workers, watches run on threads of their own.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/http.h"
#include "listen/worker.h"
#include "metrics/metrics.h"
#include "net/asio.h"
#include "net/log.h"
#include "plugins/building.h"
#include "plugins/config.h"
#include "plugins/readiness.h"
#include "query/live_board.h"
#include "query/responder.h"
#include "server/deployment.h"
#include "server/flags.h"
#include "server/listeners.h"
#include "server/status_socket.h"

namespace fairlead::server {

class StatusText;

/// One per process.
class Runtime {
 public:
  /// `stdin_text`: the Corefile when flags.conf is "stdin".
  Runtime(Flags flags, std::string stdin_text);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Serves until a signal ends it. Returns the process's exit status; errors of the start are on
  /// stderr.
  int run();

 private:
  using Clock = std::chrono::steady_clock;

  void start_workers();
  void on_live_change();
  void take_live();

  // deploying.cc: from a configuration to what the workers serve
  void begin(plugins::Config config);
  void wait_for_data();
  void commit();
  void on_taken_over(bool reloaded);
  void fail(const std::string& text);
  void sweep(int times);
  void announce();
  void reload_works();

  // lifecycle.cc: time and signals
  void look_for_reload(bool forced);
  void take_up_reload();
  void wait_for_signal();
  void on_signal(int number);
  void shut_down();
  void drain();

  // status.cc: what `fairlead status` shows
  [[nodiscard]] std::string status();
  void tell_reload(StatusText& text) const;

  const Flags flags_;
  const std::string stdin_text_;

  net::LogSink log_;
  metrics::Metrics metrics_;
  asio::io_context control_{1};
  asio::signal_set signals_;
  asio::steady_timer sync_timer_;
  asio::steady_timer sweep_timer_;
  asio::steady_timer lameduck_timer_;
  asio::steady_timer live_timer_;
  std::atomic<bool> live_changed_ = false;  // take_live() is to come
  query::LiveBoard board_;
  plugins::Readiness readiness_;
  plugins::Kept kept_;
  plugins::Site site_;
  Listeners::Workers workers_;
  std::vector<query::Responder*> responders_;  // each owned by its worker
  http::HttpServer http_;
  StatusSocket status_socket_;
  Listeners listeners_;

  std::unique_ptr<Deployment> pending_;
  Clock::time_point give_up_;  // then `pending_` is served although it lacks data
  int waited_ = 0;             // ticks of the timer
  std::unique_ptr<Deployment> serving_;
  bool reload_wanted_ = false;     // SIGUSR1 came while `pending_` was on its way
  std::string last_reload_error_;  // the one that the log knows
  std::string reload_trouble_;     // why the Corefile that is there is not served; empty: it is
  Clock::time_point reload_trouble_since_;
  const Clock::time_point started_ = Clock::now();
  Clock::time_point serving_since_;
  bool shutting_down_ = false;
  int exit_status_ = 0;
};

}  // namespace fairlead::server
