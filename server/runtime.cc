#include "server/runtime.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <utility>

#include "net/descriptors.h"
#include "plugins/directive.h"
#include "server/cpus.h"
#include "server/version.h"

namespace fairlead::server {
namespace {

constexpr std::chrono::seconds kTakeAfter{1};

// Adds one worker's counters to the totals.
void add_counters(const listen::WorkerCounters& counters, metrics::SocketTotals& totals) {
  totals.udp_receive_drops += counters.udp.kernel_drops.value();
  totals.tcp_connections += counters.tcp.connections.value();
  totals.tcp_connections_refused += counters.tcp.refused.value();
  totals.tls_handshakes["new"] += counters.tcp.handshakes.value();
  totals.tls_handshakes["resumed"] += counters.tcp.handshakes_resumed.value();
  totals.tls_handshakes["failed"] += counters.tcp.handshakes_failed.value();
  totals.tls_handshakes["refused"] += counters.tcp.handshakes_refused.value();
  totals.dropped_packets["source"] += counters.udp.dropped_source.value();
  totals.dropped_packets["size"] +=
      counters.udp.dropped_size.value() + counters.tcp.malformed.value();
  totals.dropped_packets["send_error"] += counters.udp.send_errors.value();
}

void collect_log(const net::LogSink& log, metrics::FamilySet& families) {
  families
      .counter({"fairlead_log_lines_dropped_total",
                "Log lines lost because the reader of the log was too slow or gone.",
                {}})
      .set({}, static_cast<double>(log.dropped()));
}

}  // namespace

Runtime::Runtime(Flags flags, std::string stdin_text)
    : flags_(std::move(flags)),
      stdin_text_(std::move(stdin_text)),
      log_(STDOUT_FILENO, net::LogSink::kCapacity, flags_.log_format),
      metrics_(usable_cpus(), kVersion),
      signals_(control_, SIGTERM, SIGINT),
      sync_timer_(control_),
      sweep_timer_(control_),
      lameduck_timer_(control_),
      live_timer_(control_),
      board_([this] { on_live_change(); }),
      site_{.control = control_,
            .log = log_,
            .metrics = metrics_,
            .board = board_,
            .kept = kept_,
            .readiness = readiness_,
            .workers = metrics_.workers(),
            .look_for_reload = [this] { look_for_reload(false); },
            .version = kVersion},
      http_(control_),
      status_socket_(control_, [this] { return status(); }) {
  for (const int number : {SIGQUIT, SIGUSR1, SIGHUP}) signals_.add(number);
}

Runtime::~Runtime() = default;

int Runtime::run() {
  plugins::Config config;
  try {
    config = plugins::load_config(flags_.conf, stdin_text_, flags_.port);
  } catch (const std::exception& error) {
    std::fputs(net::fatal_line(flags_.log_format, error.what()).c_str(), stderr);
    return 1;
  }
  start_workers();
  metrics_.set_sockets([this] {
    metrics::SocketTotals totals;
    for (const auto& worker : workers_) add_counters(worker->counters(), totals);
    listeners_.add_drops(totals.drops);
    listeners_.add_http_replies(totals.https_replies);
    return totals;
  });
  metrics_.collect_from([this](metrics::FamilySet& families) { collect_log(log_, families); });
  for (const plugins::Directive& directive : plugins::directives())
    if (directive.start != nullptr) directive.start(site_);
  const std::string no_status = status_socket_.open();
  if (!no_status.empty()) log_.warning("fairlead status will not work: " + no_status);
  wait_for_signal();
  begin(std::move(config));
  control_.run();
  log_.flush(std::chrono::seconds(1));
  return exit_status_;
}

void Runtime::start_workers() {
  listen::TcpOptions tcp;
  tcp.connections =
      std::min(tcp.connections, net::client_descriptors(net::raise_descriptor_limit()));
  const size_t count = metrics_.workers();
  for (size_t i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<listen::Worker>(i, tcp.share(count)));
    auto responder = std::make_unique<query::Responder>(workers_.back()->context(), i, board_,
                                                        metrics_.packets(i));
    responders_.push_back(responder.get());
    workers_.back()->set_responder(std::move(responder));
    workers_.back()->start();
  }
}

// Any thread.
void Runtime::on_live_change() {
  if (!live_changed_.exchange(true)) asio::post(control_, [this] { take_live(); });
}

// A worker that is asked nothing would keep what it had for ever.
void Runtime::take_live() {
  live_timer_.expires_after(kTakeAfter);
  live_timer_.async_wait([this](const boost::system::error_code& error) {
    live_changed_ = false;
    if (error) return;
    for (size_t i = 0; i < workers_.size(); ++i)
      workers_[i]->post([responder = responders_[i]] { responder->take_live(); });
  });
}

}  // namespace fairlead::server
