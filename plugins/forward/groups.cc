#include "plugins/forward/groups.h"

#include <chrono>
#include <string>
#include <utility>

#include "corefile/duration.h"
#include "forward/resolve_name.h"
#include "forward/tls.h"
#include "net/clock.h"
#include "net/log.h"
#include "plugins/forward/metrics.h"

namespace fairlead::plugins::forward {
namespace {

namespace engine = fairlead::forward;

// What its certificate must be for; empty: its address.
const std::string& server_name_of(const Options& options, const Upstream& upstream) {
  const std::string& own = upstream.server_name;
  if (upstream.transport != Transport::Https) return own.empty() ? options.tls_server_name : own;
  if (!options.tls_server_name.empty()) return options.tls_server_name;
  return own.empty() && upstream.is_name ? upstream.host : own;
}

engine::UpstreamSettings upstream_settings(const Options& options, const Upstream& upstream,
                                           const dns::IpAddress& address) {
  return {.transport = upstream.transport,
          .address = address,
          .scope = upstream.scope,
          .port = upstream.port,
          .server_name = server_name_of(options, upstream)};
}

void log_change(const engine::HealthChange& change, net::LogSink& log) {
  const std::string upstream = "upstream " + change.upstream;
  if (change.down) {
    const std::string why(change.why);
    return log.write(net::LogLevel::Warning, "forward", upstream + " is down: " + why);
  }
  // Milliseconds say nothing of a time that is seconds at least.
  const auto lasted = std::chrono::round<std::chrono::seconds>(change.lasted);
  log.write(net::LogLevel::Info, "forward",
            upstream + " is back after " + corefile::format_duration(lasted));
}

std::string state_of(const engine::UpstreamTotals& upstream) {
  if (upstream.outage) {
    const auto lasts =
        std::chrono::floor<std::chrono::seconds>(net::Clock::now() - upstream.outage->began);
    return "is down for " + corefile::format_duration(lasts) + ": " + upstream.outage->why;
  }
  if (upstream.down) return "is down";
  if (upstream.latency_nanoseconds == 0) return "is up, and has not answered yet";
  const auto usual = std::chrono::nanoseconds(upstream.latency_nanoseconds);
  return "is up, and answers in " +
         corefile::format_duration(std::chrono::ceil<std::chrono::microseconds>(usual));
}

}  // namespace

engine::Settings engine_settings(const Options& options) {
  engine::Settings settings = options.settings;
  for (const Upstream& upstream : options.upstreams) {
    if (const auto address = dns::IpAddress::from_text(upstream.host)) {
      settings.upstreams.push_back(upstream_settings(options, upstream, *address));
      continue;
    }
    for (const dns::IpAddress& address : engine::resolve_name(upstream.host, options.resolvers)) {
      if (settings.upstreams.size() < kMaxUpstreams)
        settings.upstreams.push_back(upstream_settings(options, upstream, address));
    }
  }
  return settings;
}

KeptGroup::KeptGroup(std::shared_ptr<engine::Group> made, TlsFiles seen,
                     std::shared_ptr<GroupTotals> all)
    : group(std::move(made)), files(std::move(seen)), totals(std::move(all)) {
  totals->add(*group);
}

void GroupTotals::retire(const engine::Group& group) {
  groups_.remove(&group);
  engine::GroupTotals totals = engine::totals(group);
  retired_.healthcheck_broken += totals.healthcheck_broken;
  retired_.max_concurrent_rejects += totals.max_concurrent_rejects;
  for (engine::UpstreamTotals& upstream : totals.upstreams) {
    if (retired_.upstreams.size() == kMostRetired) return;
    upstream.down = false;
    upstream.outage.reset();
    upstream.latency_nanoseconds = 0;
    retired_.upstreams.push_back(std::move(upstream));
  }
}

std::vector<engine::GroupTotals> GroupTotals::all() const {
  std::vector<engine::GroupTotals> all;
  if (!retired_.upstreams.empty()) all.push_back(retired_);
  for (const engine::Group* group : groups_) all.push_back(engine::totals(*group));
  return all;
}

std::vector<StatusLine> status_of(const engine::Group& group) {
  std::vector<StatusLine> lines;
  for (const engine::UpstreamTotals& upstream : engine::totals(group).upstreams)
    lines.push_back({"upstream", upstream.to + " " + state_of(upstream)});
  return lines;
}

std::shared_ptr<KeptGroup> keep_group(const engine::Settings& settings, Building& building) {
  Site& site = building.site();
  const auto totals = building.process<GroupTotals>([&] {
    auto made = std::make_shared<GroupTotals>();
    site.metrics.collect_from(
        [made](metrics::FamilySet& families) { collect_groups(made->all(), families); });
    return made;
  });
  const auto sessions = building.process<engine::UpstreamSessions>(
      [] { return std::make_shared<engine::UpstreamSessions>(); });
  const TlsFiles files = files_of(settings.tls);  // as they are before they are read
  return building.keep<KeptGroup>(
      [&](const KeptGroup& kept) {
        return engine::settings_of(*kept.group) == settings && kept.files == files;
      },
      [&] {
        const auto listener = [&log = site.log](const engine::HealthChange& change) {
          log_change(change, log);
        };
        return std::make_shared<KeptGroup>(
            engine::make_group(settings, site.workers, listener, sessions.get()), files, totals);
      });
}

}  // namespace fairlead::plugins::forward
