// Zones that directives read from files, watched for changes and published to the workers: what
// `file` and `auto` have in common.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dns/name.h"
#include "metrics/family_set.h"
#include "net/asio.h"
#include "net/log.h"
#include "plugins/published_zones.h"
#include "records/zone_file.h"

namespace fairlead::plugins {

/// One zone, and where it is.
struct ZoneSource {
  dns::Name origin;  // lower-cased
  std::string path;
  std::chrono::nanoseconds reload = std::chrono::minutes(1);  // 0: no timer looks at it
  bool silent = false;                                        // see records::ZoneFile
  std::vector<dns::Name> fall_through;                        // empty: none

  friend bool operator==(const ZoneSource&, const ZoneSource&) = default;
};

/// The zones of one directive. Made by make_shared; used and destroyed by the control thread.
class ZoneFiles final : public PublishedZones, public std::enable_shared_from_this<ZoneFiles> {
 public:
  /// `context` and `log` must outlive it.
  ZoneFiles(asio::io_context& context, net::LogSink& log, std::unique_ptr<Place> place);
  ~ZoneFiles() override;

  /// Reads a zone and watches it from now on, in place of another of its origin. What was wrong is
  /// in the result, whose warnings have been logged.
  records::ZoneChange add(const ZoneSource& source);
  void remove(const dns::Name& origin);
  /// The workers learn of what was added and removed.
  void publish();
  /// Looks at all files, as when their time had come.
  void check_now();

  /// fairlead_zone_*, see docs/metrics.md.
  void collect(metrics::FamilySet& families) const;

 private:
  struct Watched;
  void watch(const std::shared_ptr<Watched>& zone);
  bool check(Watched& zone);
  void log_change(const Watched& zone, const records::ZoneChange& change);

  asio::io_context& context_;
  net::LogSink& log_;
  std::map<std::string, std::shared_ptr<Watched>> zones_;  // by origin
};

/// What the directive `file` says of a zone's first reading; empty when nothing is wrong.
std::string problem_of(const records::ZoneChange& change);

}  // namespace fairlead::plugins
