#include "plugins/zone_files.h"

#include <utility>

#include "net/clock.h"

namespace fairlead::plugins {

struct ZoneFiles::Watched {
  Watched(const ZoneSource& from, asio::io_context& context)
      : source(from), file(from.path, from.origin, from.silent), timer(context) {}

  const ZoneSource source;
  records::ZoneFile file;
  net::Timer timer;
};

ZoneFiles::ZoneFiles(asio::io_context& context, net::LogSink& log, std::unique_ptr<Place> place)
    : PublishedZones(std::move(place)), context_(context), log_(log) {}

ZoneFiles::~ZoneFiles() = default;

records::ZoneChange ZoneFiles::add(const ZoneSource& source) {
  const auto added = std::make_shared<Watched>(source, context_);
  records::ZoneChange change = added->file.check(net::time_of_day());
  for (const std::string& warning : change.warnings)
    log_.write(net::LogLevel::Warning, "file", warning);
  zones_.insert_or_assign(dns::to_text(source.origin.view()), added);
  watch(added);
  return change;
}

void ZoneFiles::remove(const dns::Name& origin) {
  zones_.erase(dns::to_text(origin.view()));
}

void ZoneFiles::publish() {
  std::vector<records::ZoneSet::Entry> entries;
  entries.reserve(zones_.size());
  for (const auto& [origin, zone] : zones_)
    entries.push_back(
        {zone->source.origin, zone->file.zone(), zone->source.fall_through, zone->source.path});
  publish_entries(std::move(entries));
}

void ZoneFiles::watch(const std::shared_ptr<Watched>& zone) {
  if (zone->source.reload.count() <= 0) return;
  zone->timer.expires_after(zone->source.reload);
  zone->timer.async_wait(
      [weak = weak_from_this(), of = std::weak_ptr(zone)](const boost::system::error_code& error) {
        const auto self = weak.lock();
        const auto watched = of.lock();
        if (error || !self || !watched) return;
        if (self->check(*watched)) self->publish();
        self->watch(watched);
      });
}

bool ZoneFiles::check(Watched& zone) {
  const records::ZoneChange change = zone.file.check(net::time_of_day());
  log_change(zone, change);
  return change.zone != nullptr;
}

void ZoneFiles::check_now() {
  bool changed = false;
  for (const auto& [origin, zone] : zones_) changed = check(*zone) || changed;
  if (changed) publish();
}

void ZoneFiles::log_change(const Watched& zone, const records::ZoneChange& change) {
  const std::string name = "zone \"" + dns::to_text(zone.source.origin.view()) + "\"";
  const std::string in = " in \"" + zone.source.path + "\"";
  for (const std::string& warning : change.warnings)
    log_.write(net::LogLevel::Warning, "file", warning);
  if (!change.unreadable.empty()) {
    log_.write(net::LogLevel::Error, "file",
               "Failed to open " + name + in + ": " + change.unreadable);
  } else if (!change.error.empty()) {
    log_.write(net::LogLevel::Error, "file", "Parsing " + name + ": " + change.error);
  } else if (change.zone) {
    log_.write(net::LogLevel::Info, "file",
               "Successfully reloaded " + name + in + " with " +
                   std::to_string(change.zone->serial()) + " SOA serial");
  }
}

void ZoneFiles::collect(metrics::FamilySet& families) const {
  const std::vector<std::string> labels{"zone", "file"};
  auto& serial = families.gauge(
      {"fairlead_zone_serial", "The SOA serial of a zone that is read from a file.", labels});
  auto& counts = families.gauge(
      {"fairlead_zone_records", "The records of a zone that is read from a file.", labels});
  auto& left_out = families.gauge(
      {"fairlead_zone_records_left_out",
       "Records of the file that are not served: outside of the zone, or without a meaning.",
       labels});
  auto& good = families.gauge({"fairlead_zone_good_timestamp_seconds",
                               "When the zone's file was last found to be good.", labels});
  auto& reloads =
      families.counter({"fairlead_zone_reloads_total",
                        "How often the zone was read, the first time included.", labels});
  auto& failures = families.counter(
      {"fairlead_zone_failures_total", "How often the zone's file could not be used.", labels});
  for (const auto& [origin, zone] : zones_) {
    const records::ZoneFile& file = zone->file;
    const metrics::LabelValues values{origin, file.path()};
    if (file.zone()) {
      serial.set(values, file.zone()->serial());
      counts.set(values, static_cast<double>(file.zone()->record_count()));
      left_out.set(values, static_cast<double>(file.left_out()));
      good.raise(values, file.good_at());
    }
    reloads.raise(values, static_cast<double>(file.reloads()));
    failures.raise(values, static_cast<double>(file.failures()));
  }
}

std::string problem_of(const records::ZoneChange& change) {
  return change.unreadable.empty() ? change.error : change.unreadable;
}

}  // namespace fairlead::plugins
