#include "plugins/hosts/source.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace fairlead::plugins::hosts {

Source::Source(const Options& options, asio::io_context& context, net::LogSink& log,
               std::unique_ptr<Place> place)
    : options_(options), log_(log), place_(std::move(place)), watch_(options), timer_(context) {}

void Source::start() {
  check();
}

void Source::check() {
  const Change change = watch_.check(net::time_of_day());
  for (const std::string& warning : change.warnings)
    log_.write(net::LogLevel::Warning, "hosts", warning);
  if (change.table) place_->publish(change.table);
  if (options_.reload.count() <= 0) return;
  timer_.expires_after(options_.reload);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self) self->check();
  });
}

void Source::collect(metrics::FamilySet& families) const {
  families
      .gauge({"coredns_hosts_entries",
              "The combined number of entries in hosts and Corefile.",
              {"hostsfile"}})
      .raise({watch_.path()}, static_cast<double>(watch_.entries()));
  families
      .gauge({"coredns_hosts_reload_timestamp_seconds",
              "The timestamp of the last reload of hosts file.",
              {}})
      .raise({}, watch_.file_time());
}

}  // namespace fairlead::plugins::hosts
