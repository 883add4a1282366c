#include "server/backends.h"

#include <algorithm>

#include "server/plugin_settings.h"

namespace fairlead::server {
namespace {

std::string identity(const BlockConfig& block) {
  std::string text;
  for (const ServedKey& served : block.keys)
    text += served.key.transport + "://" + served.key.zone + ':' + std::to_string(served.key.port) +
            ' ';
  return text;
}

}  // namespace

query::BlockResources Backends::acquire(const BlockConfig& block) {
  query::BlockResources resources;
  resources.cache = cache_of(block);
  for (const ForwardConfig& config : block.forwards) resources.forwards.push_back(line_of(config));
  return resources;
}

// Answers of one block's upstreams are never seen by another block, nor after the upstreams have
// changed.
std::shared_ptr<cache::Cache> Backends::cache_of(const BlockConfig& block) {
  if (!block.cache) return nullptr;
  const std::string key = identity(block);
  const auto kept = caches_.find(key);
  const bool same = kept != caches_.end() && kept->second.config == *block.cache &&
                    kept->second.forwards == block.forwards;
  if (same) return kept->second.cache;
  auto cache = std::make_shared<cache::Cache>(block.cache->settings);
  caches_.insert_or_assign(key, KeptCache{*block.cache, block.forwards, cache});
  return cache;
}

plugins::forward::ForwardLine Backends::line_of(const ForwardConfig& config) {
  forward::Settings settings = resolved_settings(config);
  const auto same = std::ranges::find_if(
      groups_, [&](const auto& group) { return forward::settings_of(*group) == settings; });
  std::shared_ptr<forward::Group> group =
      same != groups_.end() ? *same : forward::make_group(std::move(settings), workers_);
  if (same == groups_.end()) groups_.push_back(group);
  return {.from = config.from,
          .except = config.except,
          .next = config.next,
          .next_on_nodata = config.next_on_nodata,
          .group = std::move(group),
          .in_flight = std::make_shared<forward::InFlight>()};
}

void Backends::collect_garbage() {
  std::erase_if(caches_, [](const auto& entry) { return entry.second.cache.use_count() == 1; });
  std::erase_if(groups_, [this](const auto& group) {
    if (group.use_count() != 1) return false;
    retire(*group);
    return true;
  });
}

void Backends::retire(const forward::Group& group) {
  forward::GroupTotals totals = forward::totals(group);
  retired_.healthcheck_broken += totals.healthcheck_broken;
  retired_.max_concurrent_rejects += totals.max_concurrent_rejects;
  for (forward::UpstreamTotals& upstream : totals.upstreams) {
    if (retired_.upstreams.size() == kMostRetired) return;
    upstream.down = false;
    upstream.latency_nanoseconds = 0;
    retired_.upstreams.push_back(std::move(upstream));
  }
}

std::vector<forward::GroupTotals> Backends::totals() const {
  // Gauges of the present ones are to have the last word.
  std::vector<forward::GroupTotals> all;
  if (!retired_.upstreams.empty()) all.push_back(retired_);
  for (const auto& group : groups_) all.push_back(forward::totals(*group));
  return all;
}

}  // namespace fairlead::server
