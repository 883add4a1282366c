#include "plugins/secondary/zone_log.h"

#include "corefile/duration.h"

namespace fairlead::plugins::secondary {
namespace {

using net::LogLevel;

constexpr std::chrono::seconds kBetweenLines{1};

}  // namespace

void ZoneLog::notify(LogLevel level, const dns::IpAddress& from, const std::string& what) const {
  sink_.write(level, "file", "Notify from " + from.to_text() + " for " + name_ + ": " + what);
}

void ZoneLog::notified(const dns::IpAddress& from) {
  notifier_ = from;
  const auto now = net::Clock::now();
  if (now < told_at_ + kBetweenLines) return;
  told_at_ = now;
  notify(LogLevel::Info, from, "checking transfer");
}

void ZoneLog::found_nothing_newer() {
  if (const auto from = std::exchange(notifier_, std::nullopt))
    notify(LogLevel::Info, *from, "no SOA serial increase seen");
}

void ZoneLog::all_failed(bool copying, std::chrono::nanoseconds pause, const std::string& error) {
  if (const auto from = std::exchange(notifier_, std::nullopt))
    notify(LogLevel::Warning, *from,
           (copying ? "transfer failed: " : "failed primary check: ") + error);
  sink_.write(LogLevel::Warning, "secondary",
              "All '" + name_ + "' masters failed to " + (copying ? "transfer" : "say the SOA") +
                  ", retrying in " + corefile::format_duration(pause) + ": " + error);
}

void ZoneLog::transferred(const Primary& from, const std::string& how) {
  notifier_.reset();
  sink_.write(LogLevel::Info, "file", "Transferred: " + name_ + " from " + to_text(from) + how);
}

void ZoneLog::check_failed(const Primary& with, const std::string& error) const {
  sink_.write(LogLevel::Warning, "secondary",
              "Failed SOA check of `" + name_ + "' with \"" + to_text(with) + "\": " + error);
}

void ZoneLog::transfer_failed(const Primary& from, const std::string& error, bool connected) const {
  const std::string server = '"' + to_text(from) + '"';
  sink_.write(LogLevel::Error, "file",
              connected
                  ? "Failed to transfer `" + name_ + "' from " + server + ": " + error
                  : "Failed to setup transfer `" + name_ + "' with `" + server + "': " + error);
}

void ZoneLog::asks_without_edns(const Primary& of, const std::string& error) const {
  sink_.write(
      LogLevel::Info, "secondary",
      "Nothing for `" + name_ + "' from \"" + to_text(of) + "\", asking without EDNS: " + error);
}

void ZoneLog::asks_for_all(const Primary& of, const std::string& error) const {
  sink_.write(
      LogLevel::Info, "secondary",
      "No changes to `" + name_ + "' from \"" + to_text(of) + "\", asking for all of it: " + error);
}

void ZoneLog::went_back(uint32_t from, uint32_t to) const {
  sink_.write(LogLevel::Warning, "secondary",
              "The serial of `" + name_ + "' went back from " + std::to_string(from) + " to " +
                  std::to_string(to) + ": it is followed");
}

void ZoneLog::expired() const {
  sink_.write(LogLevel::Error, "file", "Zone " + name_ + " is expired");
}

}  // namespace fairlead::plugins::secondary
