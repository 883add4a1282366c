// The parts of Runtime that react to time and signals: reload, lameduck, stop.
#include <csignal>
#include <cstdlib>
#include <utility>

#include "corefile/duration.h"
#include "server/runtime.h"

namespace fairlead::server {
namespace {

constexpr std::chrono::seconds kDrainGrace{5};

}  // namespace

// Reads the Corefile and serves it when it says something else than what is served. `forced`
// (SIGUSR1) serves it in any case, for the files it names may say something else; the log has every
// mistake again, and a configuration that is on its way is waited for.
void Runtime::look_for_reload(bool forced) {
  if (shutting_down_) return;
  if (forced) last_reload_error_.clear();
  if (pending_ || !serving_) {
    reload_wanted_ = reload_wanted_ || forced;
    return;
  }
  plugins::Config config;
  try {
    config = plugins::load_config(flags_.conf, stdin_text_, flags_.port);
  } catch (const std::exception& error) {
    return fail(error.what());
  }
  if (!forced && config.hash == serving_->config().hash) return reload_works();
  log_.info("Reloading");
  begin(std::move(config));
}

// A configuration is not on its way any more.
void Runtime::take_up_reload() {
  if (!std::exchange(reload_wanted_, false)) return;
  asio::post(control_, [this] { look_for_reload(true); });
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
      return look_for_reload(true);
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
  readiness_.shut_down();
  const std::chrono::nanoseconds lameduck =
      serving_ ? serving_->lameduck() : std::chrono::nanoseconds(0);
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
  for (const auto& worker : workers_) worker->stop(kDrainGrace);
  for (const auto& worker : workers_) worker->join();
  if (serving_) serving_->end();
  Deployment::hide(site_);  // what it shows must not outlive the board it lies on
  pending_.reset();
  serving_.reset();
  http_.stop();
  status_socket_.close();
  sweep_timer_.cancel();
  sync_timer_.cancel();
  signals_.cancel();
  control_.stop();
}

}  // namespace fairlead::server
