// The parts of Runtime that react to time and signals: reload, lameduck, stop.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "corefile/duration.h"
#include "server/deploy.h"
#include "server/runtime.h"

namespace fairlead::server {
namespace {

constexpr std::chrono::seconds kDrainGrace{5};
// How late a summary of consolidated errors may come.
constexpr std::chrono::seconds kSummaryTick{1};

// interval ± jitter / 2, so that a fleet does not read its ConfigMap in step.
std::chrono::nanoseconds next_interval(const plugins::reload::Options& options) {
  std::random_device device;
  std::uniform_int_distribution<int64_t> spread(-options.jitter.count() / 2,
                                                options.jitter.count() / 2);
  return options.interval + std::chrono::nanoseconds(spread(device));
}

}  // namespace

void Runtime::schedule_reload() {
  const auto* options = reload_options(serving_->config);
  if (options == nullptr || shutting_down_) return;
  reload_timer_.expires_after(next_interval(*options));
  reload_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) check_for_reload(false);
  });
}

// The periods of `errors { consolidate … }` end whether or not another query comes.
void Runtime::schedule_summaries() {
  const bool needed =
      std::ranges::any_of(blocks_, [](const auto& block) { return block->consolidates_errors(); });
  summary_timer_.cancel();
  if (!needed || shutting_down_) return;
  summary_timer_.expires_after(kSummaryTick);
  summary_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    for (const auto& block : blocks_) block->tell_summaries(log_, false);
    schedule_summaries();
  });
}

// Reads the Corefile and serves it when it says something else than what is served; `forced`
// (SIGUSR1) says so in the log.
void Runtime::check_for_reload(bool forced) {
  if (pending_ || !serving_ || shutting_down_) return;
  Config config;
  try {
    config = load_config(flags_.conf, stdin_text_, flags_.port);
  } catch (const std::exception& error) {
    return fail(error.what());
  }
  if (config.hash == serving_->config.hash) {
    if (forced) log_.info("Reloading complete");
    last_reload_error_.clear();
    return schedule_reload();
  }
  log_.info("Reloading");
  begin(std::move(config));
}

void Runtime::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    on_signal(number);
    wait_for_signal();
  });
}

void Runtime::on_signal(int number) {
  switch (number) {
    case SIGUSR1:
      log_.info("SIGUSR1: Reloading");
      reload_timer_.cancel();
      return check_for_reload(true);
    case SIGQUIT:
      log_.info("SIGQUIT: Quitting process immediately");
      log_.flush(std::chrono::milliseconds(100));
      std::_Exit(0);
    case SIGTERM:
    case SIGINT:
      if (shutting_down_) {
        log_.flush(std::chrono::milliseconds(100));
        std::_Exit(2);
      }
      log_.info(number == SIGTERM ? "SIGTERM: Shutting down servers then terminating"
                                  : "SIGINT: Shutting down");
      return shut_down();
    default:
      return;  // SIGHUP: a closed terminal does not end a server
  }
}

// /ready says no at once, so that endpoints lists forget this server; until they have, it goes on
// answering with live data.
void Runtime::shut_down() {
  shutting_down_ = true;
  ready_.shut_down();
  reload_timer_.cancel();
  const std::chrono::nanoseconds lameduck =
      serving_ ? lameduck_of(serving_->config) : std::chrono::nanoseconds(0);
  if (lameduck.count() > 0) {
    log_.write(net::LogLevel::Info, "health",
               "Going into lameduck mode for " + corefile::format_duration(lameduck));
  }
  lameduck_timer_.expires_after(lameduck);
  lameduck_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) drain();
  });
}

// Queued queries are answered, open connections finish; then the process ends.
void Runtime::drain() {
  probe_.reset();
  summary_timer_.cancel();
  for (const auto& worker : workers_) worker->stop(kDrainGrace);
  for (const auto& worker : workers_) worker->join();
  for (const auto& block : blocks_) block->tell_summaries(log_, true);
  sources_.reset();
  hosts_.stop();
  if (serving_) serving_->loop_probers.clear();
  http_.stop();
  sync_timer_.cancel();
  signals_.cancel();
  control_.stop();
}

}  // namespace fairlead::server
