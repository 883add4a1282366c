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

#include "server/asio.h"
#include "server/backend_metrics.h"
#include "server/backends.h"
#include "server/cluster_sources.h"
#include "server/config.h"
#include "server/flags.h"
#include "server/health.h"
#include "server/hosts_files.h"
#include "server/http.h"
#include "server/log.h"
#include "server/loop_prober.h"
#include "server/metrics.h"
#include "server/query_responder.h"
#include "server/ready.h"
#include "server/snapshot_board.h"
#include "server/worker.h"

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
  using Blocks = std::vector<std::shared_ptr<const ServerBlock>>;

  // A configuration on its way to being served.
  struct Deployment {
    Config config;
    ClusterSources::Numbers sources;                        // by block; empty without `kubernetes`
    std::vector<std::optional<size_t>> hosts_files;         // by block; empty without `hosts`
    std::vector<std::shared_ptr<LoopProber>> loop_probers;  // those of the blocks with `loop`
    Clock::time_point give_up;  // then it is served although a source has not synced
    int waited = 0;             // ticks of kSyncPoll
  };
  struct OpenedAddress {
    ListenAddress address;
    std::vector<WorkerSockets> sockets;
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
  [[nodiscard]] std::shared_ptr<LoopProber> make_prober(const BlockConfig& block);
  void route(const Deployment& deployment, Blocks blocks);
  void replace_blocks(Blocks blocks);
  [[nodiscard]] std::shared_ptr<Routing> routing_for(size_t worker, const Deployment& deployment,
                                                     const Blocks& blocks);
  [[nodiscard]] std::vector<HttpRoute> routes(const Config& config);
  void set_readiness(const Deployment& deployment);
  void export_plugins(const Config& config);
  [[nodiscard]] SocketTotals socket_totals() const;
  [[nodiscard]] BackendTotals backend_totals() const;
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

  LogSink log_;
  Metrics metrics_;
  asio::io_context control_{1};
  asio::signal_set signals_;
  asio::steady_timer sync_timer_;
  asio::steady_timer reload_timer_;
  asio::steady_timer summary_timer_;
  asio::steady_timer lameduck_timer_;
  asio::steady_timer clear_timer_;
  SnapshotBoard board_;
  std::atomic<bool> clearing_ = false;  // clear_snapshots() is to come
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<QueryResponder*> responders_;  // each owned by its worker
  Backends backends_;
  HostsFiles hosts_;
  std::unique_ptr<ClusterSources> sources_;
  HttpServer http_;
  Readiness ready_;
  std::unique_ptr<HealthProbe> probe_;

  std::optional<Deployment> pending_;
  std::optional<Deployment> serving_;
  Blocks blocks_;  // of `serving_`
  std::map<ListenAddress, uint32_t> listeners_;
  uint32_t next_listener_ = 1;
  std::string last_reload_error_;
  bool shutting_down_ = false;
  int exit_status_ = 0;
};

}  // namespace fairlead::server
