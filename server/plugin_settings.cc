#include "server/plugin_settings.h"

#include "forward/resolve_name.h"
#include "plugins/forward/upstream.h"

namespace fairlead::server {
namespace {

std::chrono::seconds whole_seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration);
}

cache::ClassSettings class_settings(const plugins::cache::Store& store) {
  return {.capacity = static_cast<size_t>(store.capacity),
          .max_ttl = store.max_ttl,
          .min_ttl = store.min_ttl,
          .disabled_zones = to_names(store.disabled_zones)};
}

cache::StaleSettings stale_settings(const plugins::cache::Stale& stale) {
  return {.enabled = stale.enabled,
          .verify = stale.refresh == plugins::cache::Refresh::Verify,
          .up_to = stale.up_to,
          .verify_timeout = stale.verify_timeout,
          .response_ttl = whole_seconds(stale.response_ttl),
          .recheck = stale.recheck,
          .prefer_positive = stale.prefer_positive};
}

forward::Policy policy_of(plugins::forward::Policy policy) {
  switch (policy) {
    case plugins::forward::Policy::RoundRobin:
      return forward::Policy::RoundRobin;
    case plugins::forward::Policy::Sequential:
      return forward::Policy::Sequential;
    case plugins::forward::Policy::Fastest:
      return forward::Policy::Fastest;
    case plugins::forward::Policy::Random:
      break;
  }
  return forward::Policy::Random;
}

forward::Settings forward_settings(const plugins::forward::Options& options) {
  forward::Settings settings;
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

forward::UpstreamSettings upstream_settings(const plugins::forward::Upstream& upstream,
                                            const dns::IpAddress& address) {
  const bool tls = upstream.transport == plugins::forward::Transport::Tls;
  return {.transport = tls ? forward::Transport::Tls : forward::Transport::Dns,
          .address = address,
          .scope = upstream.scope,
          .port = upstream.port,
          .server_name = upstream.server_name};
}

}  // namespace

dns::Name to_name(const std::string& text) {
  return dns::Name::from_text(text).value_or(dns::Name()).lowered();
}

std::vector<dns::Name> to_names(const std::vector<std::string>& texts) {
  std::vector<dns::Name> names;
  names.reserve(texts.size());
  for (const std::string& text : texts) names.push_back(to_name(text));
  return names;
}

CacheConfig cache_config(const plugins::cache::Options& options) {
  CacheConfig config;
  config.settings.zones = to_names(options.zones);
  config.settings.success = class_settings(options.success);
  config.settings.denial = class_settings(options.denial);
  config.settings.servfail_ttl = whole_seconds(options.servfail_ttl);
  config.settings.keep_ttl = options.keep_ttl;
  config.settings.stale = stale_settings(options.stale);
  config.settings.prefetch_amount = static_cast<uint32_t>(options.prefetch.amount);
  config.settings.prefetch_within = options.prefetch.within;
  config.settings.prefetch_percentage = static_cast<uint32_t>(options.prefetch.percentage);
  for (const std::string& zone : options.zones) {
    if (!config.zones.empty()) config.zones += ',';
    config.zones += zone;
  }
  return config;
}

ForwardConfig forward_config(const plugins::forward::Options& options) {
  ForwardConfig config;
  config.from = to_names(options.from);
  config.except = to_names(options.except);
  config.next = options.next;
  config.next_on_nodata = options.next_on_nodata;
  config.settings = forward_settings(options);
  config.upstreams = options.upstreams;
  for (plugins::forward::Upstream& upstream : config.upstreams) {
    if (upstream.server_name.empty()) upstream.server_name = options.tls.server_name;
  }
  for (const std::string& text : options.resolvers) {
    plugins::forward::Resolver resolver;
    if (!plugins::forward::parse_resolver(text, resolver)) continue;  // checked when it was read
    if (const auto address = dns::IpAddress::from_text(resolver.address))
      config.resolvers.push_back({*address, resolver.port});
  }
  return config;
}

forward::Settings resolved_settings(const ForwardConfig& config) {
  forward::Settings settings = config.settings;
  for (const plugins::forward::Upstream& upstream : config.upstreams) {
    if (const auto address = dns::IpAddress::from_text(upstream.host)) {
      settings.upstreams.push_back(upstream_settings(upstream, *address));
      continue;
    }
    for (const dns::IpAddress& address : forward::resolve_name(upstream.host, config.resolvers)) {
      if (settings.upstreams.size() < plugins::forward::kMaxUpstreams)
        settings.upstreams.push_back(upstream_settings(upstream, address));
    }
  }
  return settings;
}

}  // namespace fairlead::server
