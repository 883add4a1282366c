#include "plugins/forward/groups.h"

#include <utility>

#include "forward/resolve_name.h"
#include "plugins/forward/metrics.h"
#include "plugins/forward/upstream.h"

namespace fairlead::plugins::forward {
namespace {

namespace engine = fairlead::forward;

engine::Policy policy_of(Policy policy) {
  switch (policy) {
    case Policy::RoundRobin:
      return engine::Policy::RoundRobin;
    case Policy::Sequential:
      return engine::Policy::Sequential;
    case Policy::Fastest:
      return engine::Policy::Fastest;
    case Policy::Random:
      break;
  }
  return engine::Policy::Random;
}

engine::Settings settings_without_upstreams(const Options& options) {
  engine::Settings settings;
  settings.force_tcp = options.force_tcp;
  settings.prefer_udp = options.prefer_udp;
  settings.policy = policy_of(options.policy);
  settings.expire = options.expire;
  settings.max_age = options.max_age;
  settings.max_idle_connections = static_cast<size_t>(options.max_idle_connections);
  settings.read_timeout = options.read_timeout;
  settings.max_fails = options.max_fails;
  settings.health_interval = options.health_check.interval;
  settings.health_recursion_desired = options.health_check.recursion_desired;
  settings.health_domain = options.health_check.domain;
  settings.max_connect_attempts = options.max_connect_attempts;
  settings.fail_fast_all_unhealthy = options.fail_fast_all_unhealthy;
  settings.max_concurrent = static_cast<size_t>(options.max_concurrent);
  settings.failover = options.failover;
  settings.tls = {.cert = options.tls.cert, .key = options.tls.key, .ca = options.tls.ca};
  settings.source_address = dns::IpAddress::from_text(options.source_address);
  return settings;
}

engine::UpstreamSettings upstream_settings(const Options& options, const Upstream& upstream,
                                           const dns::IpAddress& address) {
  const bool tls = upstream.transport == Transport::Tls;
  return {
      .transport = tls ? engine::Transport::Tls : engine::Transport::Dns,
      .address = address,
      .scope = upstream.scope,
      .port = upstream.port,
      .server_name = upstream.server_name.empty() ? options.tls.server_name : upstream.server_name};
}

std::vector<engine::Resolver> resolvers_of(const Options& options) {
  std::vector<engine::Resolver> resolvers;
  for (const std::string& text : options.resolvers) {
    Resolver resolver;
    if (!parse_resolver(text, resolver)) continue;  // checked when it was read
    if (const auto address = dns::IpAddress::from_text(resolver.address))
      resolvers.push_back({*address, resolver.port});
  }
  return resolvers;
}

}  // namespace

engine::Settings engine_settings(const Options& options) {
  engine::Settings settings = settings_without_upstreams(options);
  const auto resolvers = resolvers_of(options);
  for (const Upstream& upstream : options.upstreams) {
    if (const auto address = dns::IpAddress::from_text(upstream.host)) {
      settings.upstreams.push_back(upstream_settings(options, upstream, *address));
      continue;
    }
    for (const dns::IpAddress& address : engine::resolve_name(upstream.host, resolvers)) {
      if (settings.upstreams.size() < kMaxUpstreams)
        settings.upstreams.push_back(upstream_settings(options, upstream, address));
    }
  }
  return settings;
}

KeptGroup::KeptGroup(engine::Settings settings, size_t workers, std::shared_ptr<GroupTotals> all)
    : group(engine::make_group(std::move(settings), workers)), totals(std::move(all)) {
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

std::shared_ptr<KeptGroup> keep_group(const engine::Settings& settings, Building& building) {
  Site& site = building.site();
  const auto totals = building.process<GroupTotals>([&] {
    auto made = std::make_shared<GroupTotals>();
    site.metrics.collect_from(
        [made](metrics::FamilySet& families) { collect_groups(made->all(), families); });
    return made;
  });
  return building.keep<KeptGroup>(
      [&](const KeptGroup& kept) { return engine::settings_of(*kept.group) == settings; },
      [&] { return std::make_shared<KeptGroup>(settings, site.workers, totals); });
}

}  // namespace fairlead::plugins::forward
