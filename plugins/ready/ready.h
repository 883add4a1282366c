// /ready: whether every plugin that has something to wait for is ready.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "http/http.h"
#include "net/log.h"

namespace fairlead::plugins::ready {

/// One plugin that has to become ready. The function is called on the thread of Readiness.
struct ReadyCheck {
  std::string plugin;
  std::function<bool()> ready;
  std::function<std::string()> why;  // lines, each with its line end in front; may be empty
};

/// Used by one thread.
class Readiness {
 public:
  explicit Readiness(net::LogSink& log) : log_(log) {}

  /// The checks of a configuration, with nothing latched. `continuously` asks a plugin again that
  /// was ready once.
  void set_checks(std::vector<ReadyCheck> checks, bool continuously);

  /// What is added to "OK" on lines of its own: troubles that are no reason to take this server out
  /// of service.
  void set_notes(std::function<std::string()> notes) { notes_ = std::move(notes); }

  /// From now on "Shutting down".
  void shut_down() { shutting_down_ = true; }

  /// 200 OK, or 503 with the names of the plugins that are not ready, comma-separated, which are
  /// also logged, and behind them what these say of the reason.
  http::HttpReply reply();

 private:
  net::LogSink& log_;
  std::vector<ReadyCheck> checks_;
  std::function<std::string()> notes_;
  bool continuously_ = false;
  bool shutting_down_ = false;
};

}  // namespace fairlead::plugins::ready
