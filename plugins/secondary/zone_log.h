// What the log is told of one zone that is copied: CoreDNS's words where it has any.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "dns/address.h"
#include "net/clock.h"
#include "net/log.h"
#include "plugins/secondary/primary.h"

namespace fairlead::plugins::secondary {

/// Used by the control thread.
class ZoneLog {
 public:
  /// The sink outlives it. `name` is that of the zone, as text.
  ZoneLog(net::LogSink& sink, std::string name) : sink_(sink), name_(std::move(name)) {}

  /// Somebody says that there is news. A line a second at most: anybody can forge that.
  void notified(const dns::IpAddress& from);
  /// A look has ended; the last who said that there is news is named.
  void found_nothing_newer();
  /// `pause`: about how long until the next.
  void all_failed(bool copying, std::chrono::nanoseconds pause, const std::string& error);
  /// `how`: "", or what else there is to say.
  void transferred(const Primary& from, const std::string& how);

  void check_failed(const Primary& with, const std::string& error) const;
  /// `connected`: the server was there.
  void transfer_failed(const Primary& from, const std::string& error, bool connected) const;
  void asks_without_edns(const Primary& of, const std::string& error) const;
  void asks_for_all(const Primary& of, const std::string& error) const;
  void went_back(uint32_t from, uint32_t to) const;
  void expired() const;

 private:
  void notify(net::LogLevel level, const dns::IpAddress& from, const std::string& what) const;

  net::LogSink& sink_;
  const std::string name_;
  std::optional<dns::IpAddress> notifier_;  // for this look or the next
  net::Clock::time_point told_at_;          // when the last of them was named
};

}  // namespace fairlead::plugins::secondary
