// The parts of Runtime that turn a configuration into what the workers serve.
#include <cstdio>
#include <utility>

#include "corefile/key.h"
#include "net/start_memory.h"
#include "server/runtime.h"
#include "server/version_text.h"

namespace fairlead::server {
namespace {

constexpr std::chrono::milliseconds kSyncPoll{10};
constexpr int kTicksPerNotice = 50;  // of kSyncPoll: one line in the log each 500 ms
constexpr std::chrono::seconds kSweepEach{1};
constexpr int kSweeps = 8;  // nobody waits longer than 5 s

// "example.org.:53", "example.org.:53 on ::1", and in front of it what is odd about the name.
std::string start_line(const corefile::Key& key, const net::ListenAddress& address) {
  const std::string& zone = key.zone;
  std::string line;
  if (!corefile::is_preferred_name(zone)) line = "Warning: " + corefile::odd_name(zone) + '\n';
  if (key.transport != "dns") line += key.transport + "://";
  line += zone + ":" + std::to_string(address.port);
  if (!address.wildcard) line += " on " + address.host();
  return line + '\n';
}

}  // namespace

// Starts what a configuration needs before it can be served. The present one goes on meanwhile.
void Runtime::begin(plugins::Config config) {
  for (const std::string& warning : config.warnings) log_.warning(warning);
  try {
    pending_ = std::make_unique<Deployment>(std::move(config), site_);
  } catch (const std::exception& error) {
    return fail(error.what());
  }
  give_up_ = Clock::now() + pending_->patience();
  waited_ = 0;
  if (!serving_) {  // probes must find the process alive while it waits
    pending_->show();
    if (const auto error = http_.apply(pending_->routes())) return fail(*error);
  }
  wait_for_data();
}

void Runtime::wait_for_data() {
  const auto open = pending_->waits_for();
  if (open.empty()) return commit();
  const plugins::StartCheck& first = *open.front();
  if (Clock::now() >= give_up_) {
    // Data that is served is not given up for a cluster that has said nothing yet.
    if (serving_ && serving_->has_data()) {
      return fail("plugin/" + first.directive + ": the " + first.what +
                  " of the new configuration has not synced");
    }
    log_.write(net::LogLevel::Warning, first.directive,
               "starting server with unsynced " + first.what);
    return commit();
  }
  if (waited_++ % kTicksPerNotice == kTicksPerNotice - 1) {
    log_.write(net::LogLevel::Info, first.directive,
               "waiting for " + first.what + " before starting server");
  }
  sync_timer_.expires_after(kSyncPoll);
  sync_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && pending_) wait_for_data();
  });
}

// From here on everything works or nothing changes: sockets and HTTP addresses first, then the
// switch.
void Runtime::commit() {
  std::vector<Listeners::Opened> opened;
  try {
    opened = listeners_.open_new(pending_->listening(), workers_.size());
  } catch (const std::runtime_error& error) {
    return fail(error.what());
  }
  if (serving_) {
    if (const auto error = http_.apply(pending_->routes())) return fail(*error);
  }
  listeners_.number(opened);
  // Comes when the last worker has it.
  const bool reloaded = serving_ != nullptr;
  const std::shared_ptr<void> taken_over(nullptr, [this, reloaded](void*) {
    asio::post(control_, [this, reloaded] { on_taken_over(reloaded); });
  });
  for (size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->post([responder = responders_[i], routing = pending_->routing(i, listeners_),
                       taken_over]() { responder->set_routing(routing); });
  }
  listeners_.set(pending_->listening(), workers_);
  listeners_.adopt(std::move(opened), workers_);
  listeners_.keep_only(pending_->listening(), workers_);
  const std::unique_ptr<Deployment> before = std::move(serving_);
  serving_ = std::move(pending_);
  if (before) before->end();
  if (before) serving_->show();
  readiness_.set_serving();
  serving_->begin();
  if (!before) announce();
  serving_since_ = Clock::now();
  net::give_back_start_memory();
  reload_works();
}

// What is served is what the Corefile says.
void Runtime::reload_works() {
  last_reload_error_.clear();
  reload_trouble_.clear();
  readiness_.set_reload_trouble({});
}

void Runtime::on_taken_over(bool reloaded) {
  sweep(kSweeps);
  if (reloaded) log_.info("Reloading complete");
  take_up_reload();
}

// A configuration that cannot be served: the end of a start, a line in the log of a running server.
void Runtime::fail(const std::string& text) {
  pending_.reset();
  if (!serving_) {
    std::fputs(net::fatal_line(flags_.log_format, text).c_str(), stderr);
    exit_status_ = 1;
    shutting_down_ = true;
    return drain();
  }
  sweep(1);
  metrics_.reload_failed.add({});
  if (text != last_reload_error_) log_.error("Corefile changed but reload failed: " + text);
  last_reload_error_ = text;
  if (reload_trouble_.empty()) reload_trouble_since_ = Clock::now();
  reload_trouble_ = text;
  readiness_.set_reload_trouble(text);
  take_up_reload();
}

// Questions that wait let go of the blocks they came through a moment later.
void Runtime::sweep(int times) {
  kept_.drop_unused();
  sweep_timer_.cancel();
  if (times == 0 || shutting_down_) return;
  sweep_timer_.expires_after(kSweepEach);
  sweep_timer_.async_wait([this, times](const boost::system::error_code& error) {
    if (!error) sweep(times - 1);
  });
}

// What users of CoreDNS look for in the first lines of the log.
void Runtime::announce() {
  if (flags_.quiet) return;
  std::string lines;
  for (const plugins::Plan& plan : serving_->config().blocks) {
    for (const plugins::ServedKey& served : plan.keys) {
      for (const net::ListenAddress& address : served.addresses) {
        const std::string line = start_line(served.key, address);
        const size_t times = serving_->start_lines(address, workers_.size());
        for (size_t i = 0; i < times; ++i) lines += line;
      }
    }
  }
  log_.write_plain(lines + version_text());
}

}  // namespace fairlead::server
