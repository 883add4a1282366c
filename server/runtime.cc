#include "server/runtime.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "net/descriptors.h"
#include "server/cpus.h"
#include "server/deploy.h"
#include "server/version.h"

namespace fairlead::server {
namespace {

constexpr std::chrono::milliseconds kSyncPoll{10};
constexpr std::chrono::seconds kClearAfter{1};
constexpr int kTicksPerNotice = 50;  // of kSyncPoll: one line in the log each 500 ms

}  // namespace

Runtime::Runtime(Flags flags, std::string stdin_text)
    : flags_(std::move(flags)),
      stdin_text_(std::move(stdin_text)),
      metrics_(usable_cpus()),
      signals_(control_, SIGTERM, SIGINT),
      sync_timer_(control_),
      reload_timer_(control_),
      summary_timer_(control_),
      lameduck_timer_(control_),
      clear_timer_(control_),
      backends_(metrics_.workers()),
      hosts_(control_, log_,
             [this](size_t number, const plugins::hosts::HostsPtr& table) {
               for (size_t i = 0; i < workers_.size(); ++i) {
                 workers_[i]->post([responder = responders_[i], number, table] {
                   responder->set_hosts(number, table);
                 });
               }
             }),
      http_(control_),
      ready_(log_) {
  for (const int number : {SIGQUIT, SIGUSR1, SIGHUP}) signals_.add(number);
}

Runtime::~Runtime() = default;

int Runtime::run() {
  Config config;
  try {
    config = load_config(flags_.conf, stdin_text_, flags_.port);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  start_workers();
  sources_ = std::make_unique<plugins::kubernetes::ClusterSources>(
      log_, metrics_, [this](size_t source, const zones::SnapshotPtr& snapshot) {
        board_.publish(source, snapshot);
        if (!clearing_.exchange(true)) asio::post(control_, [this] { clear_snapshots(); });
      });
  metrics_.set_sockets([this] { return socket_totals(); });
  metrics_.set_log_dropped([this] { return log_.dropped(); });
  metrics_.set_backends([this] { return backend_totals(); });
  ready_.set_notes([this] { return troubles(); });
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
    auto responder = std::make_unique<query::QueryResponder>(workers_.back()->context(), i, board_,
                                                             metrics_.packets(i), log_);
    responders_.push_back(responder.get());
    workers_.back()->set_responder(std::move(responder));
    workers_.back()->start();
  }
}

// A worker that is asked nothing would keep the snapshot that it had for ever.
void Runtime::clear_snapshots() {
  clear_timer_.expires_after(kClearAfter);
  clear_timer_.async_wait([this](const boost::system::error_code& ec) {
    clearing_ = false;
    if (ec) return;
    for (size_t i = 0; i < workers_.size(); ++i)
      workers_[i]->post([responder = responders_[i]] { responder->take_snapshots(); });
  });
}

// Starts what a configuration needs before it can be served. The present one goes on meanwhile.
void Runtime::begin(Config config) {
  for (const std::string& warning : config.warnings) log_.warning(warning);
  pending_.emplace(Deployment{.config = std::move(config), .give_up = Clock::now()});
  try {
    for (const BlockConfig& block : pending_->config.blocks) {
      pending_->sources.emplace_back();
      if (!block.kubernetes) continue;
      pending_->sources.back() = sources_->acquire(block.kubernetes->watch);
      pending_->give_up =
          std::max(pending_->give_up, Clock::now() + block.kubernetes->startup_timeout);
    }
  } catch (const std::exception& error) {
    return fail(std::string("plugin/kubernetes: ") + error.what());
  }
  if (!serving_) {  // probes must find the process alive while it waits
    set_readiness(*pending_);
    if (const auto error = http_.apply(routes(pending_->config))) return fail(*error);
  }
  wait_for_sources();
}

void Runtime::wait_for_sources() {
  Deployment& deployment = *pending_;
  const bool synced = std::ranges::all_of(deployment.sources, [this](const auto& source) {
    return !source || sources_->synced(*source);
  });
  if (synced) return commit();
  if (Clock::now() >= deployment.give_up) {
    if (serving_ && any_synced(*serving_)) {
      return fail("plugin/kubernetes: the Kubernetes API of the new configuration has not synced");
    }
    log_.write(net::LogLevel::Warning, "kubernetes",
               "starting server with unsynced Kubernetes API");
    return commit();
  }
  if (deployment.waited++ % kTicksPerNotice == kTicksPerNotice - 1) {
    log_.write(net::LogLevel::Info, "kubernetes",
               "waiting for Kubernetes API before starting server");
  }
  sync_timer_.expires_after(kSyncPoll);
  sync_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && pending_) wait_for_sources();
  });
}

// Data that is served is not given up for a cluster that has said nothing yet.
bool Runtime::any_synced(const Deployment& deployment) const {
  return std::ranges::any_of(deployment.sources, [this](const auto& source) {
    return source && sources_->synced(*source);
  });
}

// From here on everything works or nothing changes: sockets and HTTP addresses first, then the
// switch.
void Runtime::commit() {
  Blocks blocks;
  std::vector<OpenedAddress> opened;
  try {
    blocks = make_blocks(*pending_);
    opened = open_new_addresses(pending_->config);
  } catch (const std::runtime_error& error) {
    return fail(error.what());
  }
  if (serving_) {
    if (const auto error = http_.apply(routes(pending_->config))) return fail(*error);
    set_readiness(*pending_);
  }
  const bool first = !serving_.has_value();
  for (const OpenedAddress& entry : opened) listeners_.emplace(entry.address, next_listener_++);
  route(*pending_, std::move(blocks));
  adopt_addresses(std::move(opened));
  remove_addresses(pending_->config);
  serving_ = std::exchange(pending_, std::nullopt);
  sources_->keep_only(serving_->sources);
  hosts_.keep_only(serving_->hosts_files);
  for (const auto& prober : serving_->loop_probers) prober->start();
  export_plugins(serving_->config);
  probe_.reset();
  if (const auto* health = first_health(serving_->config)) {
    probe_ =
        std::make_unique<plugins::health::HealthProbe>(control_, health->address, metrics_, log_);
  }
  if (first) announce(serving_->config);
  if (!first) log_.info("Reloading complete");
  last_reload_error_.clear();
  schedule_reload();
}

// A configuration that cannot be served: the end of a start, a line in the log of a running server.
void Runtime::fail(const std::string& text) {
  pending_.reset();
  if (!serving_) {
    std::fprintf(stderr, "%s\n", text.c_str());
    exit_status_ = 1;
    shutting_down_ = true;
    return drain();
  }
  sources_->keep_only(serving_->sources);
  hosts_.keep_only(serving_->hosts_files);
  metrics_.server.reload_failed.add({});
  if (text != last_reload_error_) log_.error("Corefile changed but reload failed: " + text);
  last_reload_error_ = text;
  schedule_reload();
}

std::vector<Runtime::OpenedAddress> Runtime::open_new_addresses(const Config& config) const {
  std::vector<OpenedAddress> opened;
  for (const net::ListenAddress& address : listen_addresses_of(config)) {
    if (listeners_.contains(address)) continue;
    const auto same_port = [&](const net::ListenAddress& other) {
      return other.port == address.port;
    };
    const bool ours =
        std::ranges::any_of(listeners_,
                            [&](const auto& entry) { return same_port(entry.first); }) ||
        std::ranges::any_of(opened, [&](const auto& entry) { return same_port(entry.address); });
    opened.push_back({address, listen::open_listen_sockets(
                                   address, {.sockets = workers_.size(), .check_free = !ours})});
  }
  return opened;
}

// Comes behind route() in each worker's queue: no socket is read before its zones are known.
void Runtime::adopt_addresses(std::vector<OpenedAddress> opened) {
  for (OpenedAddress& entry : opened) {
    const uint32_t listener = listeners_.at(entry.address);
    for (size_t i = 0; i < workers_.size(); ++i)
      workers_[i]->adopt(listener, std::move(entry.sockets[i]));
  }
}

void Runtime::remove_addresses(const Config& config) {
  const auto wanted = listen_addresses_of(config);
  for (auto at = listeners_.begin(); at != listeners_.end();) {
    if (std::ranges::find(wanted, at->first) != wanted.end()) {
      ++at;
      continue;
    }
    for (const auto& worker : workers_) worker->remove(at->second, {});
    at = listeners_.erase(at);
  }
}

std::vector<http::HttpRoute> Runtime::routes(const Config& config) {
  std::vector<http::HttpRoute> routes;
  for (const BlockConfig& block : config.blocks) {
    if (block.health)
      routes.push_back({block.health->address, "/health", plugins::health::health_reply});
    if (block.ready)
      routes.push_back({block.ready->address, "/ready", [this] { return ready_.reply(); }});
    if (block.prometheus) {
      const auto scrape = [this] {
        return http::HttpReply{200, metrics_.text(), metrics::Metrics::kContentType};
      };
      routes.push_back({block.prometheus->address, "/metrics", scrape});
    }
  }
  return routes;
}

void Runtime::set_readiness(const Deployment& deployment) {
  std::vector<plugins::ready::ReadyCheck> checks;
  bool continuously = false;
  for (size_t i = 0; i < deployment.config.blocks.size(); ++i) {
    const BlockConfig& block = deployment.config.blocks[i];
    if (block.ready)
      continuously = continuously || block.ready->monitor == plugins::ready::Monitor::Continuously;
    if (!deployment.sources[i]) continue;
    // Before the first sockets are open nobody can be answered, whatever is known.
    checks.push_back(
        {"kubernetes",
         [this, source = *deployment.sources[i]] {
           return serving_.has_value() && sources_->synced(source);
         },
         [this, source = *deployment.sources[i]] { return sources_->troubles(source); }});
  }
  ready_.set_checks(std::move(checks), continuously);
}

// What users of CoreDNS look for in the first lines of the log.
void Runtime::announce(const Config& config) {
  if (flags_.quiet) return;
  std::string lines;
  for (const BlockConfig& block : config.blocks) {
    for (const ServedKey& served : block.keys) {
      for (const net::ListenAddress& address : served.addresses) {
        lines += served.key.zone + (address.wildcard ? ":" + std::to_string(address.port)
                                                     : " on " + address.to_text());
        lines += '\n';
      }
    }
  }
  log_.write_lines(lines + version_text());
}

}  // namespace fairlead::server
