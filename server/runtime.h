// The life of the server: start, reload, lameduck, stop. Runs on the control thread (the one that
// calls run()); answers are made on the workers, watches run on a thread of their own.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/http.h"
#include "listen/worker.h"
#include "metrics/backend_metrics.h"
#include "metrics/metrics.h"
#include "net/asio.h"
#include "net/log.h"
#include "plugins/health/health.h"
#include "plugins/hosts/hosts_files.h"
#include "plugins/kubernetes/cluster_sources.h"
#include "plugins/loop/loop_prober.h"
#include "plugins/ready/ready.h"
#include "query/query_responder.h"
#include "query/snapshot_board.h"
#include "server/backends.h"
#include "server/config.h"
#include "server/flags.h"

namespace fairlead::server {

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
  using Blocks = std::vector<std::shared_ptr<const query::ServerBlock>>;

  // A configuration on its way to being served.
  struct Deployment {
    Config config;
    plugins::kubernetes::ClusterSources::Numbers sources;  // by block; empty without `kubernetes`
    std::vector<std::optional<size_t>> hosts_files;        // by block; empty without `hosts`
    std::vector<std::shared_ptr<plugins::loop::LoopProber>>
        loop_probers;           // those of the blocks with `loop`
    Clock::time_point give_up;  // then it is served although a source has not synced
    int waited = 0;             // ticks of kSyncPoll
  };
  struct OpenedAddress {
    net::ListenAddress address;
    std::vector<listen::WorkerSockets> sockets;
  };

  void start_workers();
  void clear_snapshots();
  void begin(Config config);
  void wait_for_sources();
  [[nodiscard]] bool any_synced(const Deployment& deployment) const;
  void commit();
  void fail(const std::string& text);
  [[nodiscard]] std::vector<OpenedAddress> open_new_addresses(const Config& config) const;
  void adopt_addresses(std::vector<OpenedAddress> opened);
  void remove_addresses(const Config& config);
  [[nodiscard]] Blocks make_blocks(Deployment& deployment);
  [[nodiscard]] std::shared_ptr<plugins::loop::LoopProber> make_prober(const BlockConfig& block);
  void route(const Deployment& deployment, Blocks blocks);
  void replace_blocks(Blocks blocks);
  [[nodiscard]] std::shared_ptr<query::Routing> routing_for(size_t worker,
                                                            const Deployment& deployment,
                                                            const Blocks& blocks);
  [[nodiscard]] std::vector<http::HttpRoute> routes(const Config& config);
  void set_readiness(const Deployment& deployment);
  void export_plugins(const Config& config);
  [[nodiscard]] metrics::SocketTotals socket_totals() const;
  [[nodiscard]] metrics::BackendTotals backend_totals() const;
  [[nodiscard]] std::string troubles() const;
  void announce(const Config& config);

  void check_for_reload(bool forced);
  void schedule_reload();
  void schedule_summaries();
  void wait_for_signal();
  void on_signal(int number);
  void shut_down();
  void drain();

  const Flags flags_;
  const std::string stdin_text_;

  net::LogSink log_;
  metrics::Metrics metrics_;
  asio::io_context control_{1};
  asio::signal_set signals_;
  asio::steady_timer sync_timer_;
  asio::steady_timer reload_timer_;
  asio::steady_timer summary_timer_;
  asio::steady_timer lameduck_timer_;
  asio::steady_timer clear_timer_;
  query::SnapshotBoard board_;
  std::atomic<bool> clearing_ = false;  // clear_snapshots() is to come
  std::vector<std::unique_ptr<listen::Worker>> workers_;
  std::vector<query::QueryResponder*> responders_;  // each owned by its worker
  Backends backends_;
  plugins::hosts::HostsFiles hosts_;
  std::unique_ptr<plugins::kubernetes::ClusterSources> sources_;
  http::HttpServer http_;
  plugins::ready::Readiness ready_;
  std::unique_ptr<plugins::health::HealthProbe> probe_;

  std::optional<Deployment> pending_;
  std::optional<Deployment> serving_;
  Blocks blocks_;  // of `serving_`
  std::map<net::ListenAddress, uint32_t> listeners_;
  uint32_t next_listener_ = 1;
  std::string last_reload_error_;
  bool shutting_down_ = false;
  int exit_status_ = 0;
};

}  // namespace fairlead::server
