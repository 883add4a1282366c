#include "plugins/ready/ready.h"

#include <utility>

namespace fairlead::plugins::ready {

namespace {

constexpr unsigned kServiceUnavailable = 503;

}  // namespace

void Readiness::set_checks(std::vector<ReadyCheck> checks, bool continuously) {
  checks_ = std::move(checks);
  continuously_ = continuously;
}

http::HttpReply Readiness::reply() {
  if (shutting_down_) return {kServiceUnavailable, "Shutting down"};
  std::string missing;
  std::string reasons;
  for (ReadyCheck& check : checks_) {
    if (!check.ready) continue;
    if (check.ready()) {
      // Latched: a plugin that lost its backend goes on answering with what it has.
      if (!continuously_) check.ready = nullptr;
      continue;
    }
    if (!missing.empty()) missing += ',';
    missing += check.plugin;
    if (check.why) reasons += check.why();
  }
  if (missing.empty()) return {200, "OK" + (notes_ ? notes_() : std::string())};
  log_.write(net::LogLevel::Info, "ready", "Plugins not ready: \"" + missing + '"');
  return {kServiceUnavailable, missing + reasons};
}

}  // namespace fairlead::plugins::ready
