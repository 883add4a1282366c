// The part of Runtime that says how it is.
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include "corefile/duration.h"
#include "server/runtime.h"
#include "server/status_text.h"
#include "server/version.h"

namespace fairlead::server {
namespace {

constexpr size_t kHashShown = 12;  // digits

std::string time_since(std::chrono::steady_clock::time_point since) {
  const auto time = std::chrono::steady_clock::now() - since;
  return corefile::format_duration(std::chrono::floor<std::chrono::seconds>(time));
}

}  // namespace

// Whoever asks for it is a client of its own: probes of /ready see nothing of it but a latch.
std::string Runtime::status() {
  StatusText text;
  text.add("server", std::string("Fairlead-") + kVersion + ", process " + std::to_string(getpid()) +
                         ", up for " + time_since(started_));
  bool ready = false;
  if (shutting_down_) {
    text.add("ready", "no: shutting down");
  } else if (!serving_) {
    const auto open = pending_ ? pending_->waits_for() : std::vector<const plugins::StartCheck*>();
    text.add("ready",
             "no: starting" + (open.empty() ? "" : ", waits for the " + open.front()->what));
  } else {
    const plugins::Readiness::Report report = readiness_.ask();
    ready = report.missing.empty();
    text.add("ready", ready ? "yes" : "no: " + report.missing);
  }
  tell_reload(text);
  if (const Deployment* shown = serving_ ? serving_.get() : pending_.get()) {
    for (const plugins::StatusLine& line : shown->status()) text.add(line.about, line.text);
  }
  // The reload has its own line.
  text.add_lines("trouble", readiness_.notes().substr(readiness_.reload_note().size()));
  return status_reply(ready, text.text());
}

void Runtime::tell_reload(StatusText& text) const {
  if (serving_) {
    const std::string hash = serving_->config().hash.substr(0, kHashShown);
    text.add("corefile", "served for " + time_since(serving_since_) + ", SHA512 " + hash + "...");
  }
  if (!reload_trouble_.empty()) {
    text.add("reload", "fails for " + time_since(reload_trouble_since_) + ": " + reload_trouble_);
  } else if (serving_ && pending_) {
    text.add("reload", "a changed Corefile is on its way");
  } else {
    text.add("reload", "ok");
  }
}

}  // namespace fairlead::server
