// The parts of Runtime that turn a configuration into what the workers serve, and say what is
// served.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "server/deploy.h"
#include "server/plugin_settings.h"
#include "server/runtime.h"

namespace fairlead::server {

Runtime::Blocks Runtime::make_blocks(Deployment& deployment) {
  backends_.collect_garbage();
  Blocks blocks;
  for (size_t i = 0; i < deployment.config.blocks.size(); ++i) {
    const BlockConfig& config = deployment.config.blocks[i];
    query::BlockResources resources = backends_.acquire(config);
    resources.source = deployment.sources[i].value_or(0);
    if (config.hosts) resources.hosts_file = hosts_.acquire(*config.hosts);
    deployment.hosts_files.push_back(resources.hosts_file);
    if (config.loop) {
      deployment.loop_probers.push_back(make_prober(config));
      resources.loop = deployment.loop_probers.back()->state();
    }
    blocks.push_back(std::make_shared<const query::ServerBlock>(config, std::move(resources)));
  }
  return blocks;
}

std::shared_ptr<plugins::loop::LoopProber> Runtime::make_prober(const BlockConfig& block) {
  const net::ListenAddress& address = block.keys.front().addresses.front();
  net::Endpoint server{address.address, address.port};
  if (address.wildcard) server.address = dns::IpAddress(std::array<uint8_t, 4>{127, 0, 0, 1});
  return std::make_shared<plugins::loop::LoopProber>(control_, log_, *block.loop, server);
}

void Runtime::route(const Deployment& deployment, Blocks blocks) {
  for (size_t i = 0; i < workers_.size(); ++i) {
    std::shared_ptr<const query::Routing> routing = routing_for(i, deployment, blocks);
    workers_[i]->post([responder = responders_[i], routing = std::move(routing)]() mutable {
      responder->set_routing(std::move(routing));
    });
  }
  replace_blocks(std::move(blocks));
}

// The workers may use the old blocks a moment longer; what those still count is not told any more.
void Runtime::replace_blocks(Blocks blocks) {
  for (const auto& block : blocks_) block->tell_summaries(log_, true);
  blocks_ = std::move(blocks);
  schedule_summaries();
}

std::shared_ptr<query::Routing> Runtime::routing_for(size_t worker, const Deployment& deployment,
                                                     const Blocks& blocks) {
  auto routing = std::make_shared<query::Routing>();
  for (size_t i = 0; i < blocks.size(); ++i) {
    const BlockConfig& block = deployment.config.blocks[i];
    if (const auto source = deployment.sources[i])
      routing->sources = std::max(routing->sources, *source + 1);
    for (const ServedKey& served : block.keys) {
      for (const net::ListenAddress& address : served.addresses) {
        const std::string server = server_label(served.key, address);
        query::ServedZone zone{to_name(served.key.zone), blocks[i]};
        const uint32_t listener = listeners_.at(address);
        if (block.prometheus) {
          zone.counters = &metrics_.block({server, served.key.zone, ""}, worker);
          routing->count_dropped(listener,
                                 &metrics_.block({server, metrics::kDroppedZone, ""}, worker));
          if (block.cache) zone.cache = &metrics_.cache({server, block.cache->zones, ""}, worker);
        }
        routing->add(listener, std::move(zone));
      }
    }
  }
  return routing;
}

void Runtime::export_plugins(const Config& config) {
  metrics_.server.plugin_enabled.clear();
  for (const BlockConfig& block : config.blocks) {
    for (const ServedKey& served : block.keys) {
      for (const net::ListenAddress& address : served.addresses) {
        for (const std::string& name : block.directives) {
          metrics_.server.plugin_enabled.set(
              {server_label(served.key, address), served.key.zone, "", name}, 1);
        }
      }
    }
  }
  metrics_.server.reload_version.clear();
  if (reload_options(config) == nullptr) return;
  metrics_.server.reload_version.set({"sha512", config.hash}, 1);
  log_.write(net::LogLevel::Info, "reload", "Running configuration SHA512 = " + config.hash);
}

metrics::SocketTotals Runtime::socket_totals() const {
  metrics::SocketTotals totals;
  for (const auto& worker : workers_) add_counters(worker->counters(), totals);
  return totals;
}

metrics::BackendTotals Runtime::backend_totals() const {
  metrics::BackendTotals totals{.groups = backends_.totals(), .hosts = hosts_.totals()};
  if (!serving_) return totals;
  for (const auto& source : serving_->sources)
    if (source) totals.synced = totals.synced.value_or(true) && sources_->synced(*source);
  for (const auto& prober : serving_->loop_probers)
    totals.loops.emplace_back(dns::to_text(prober->zone().view()), prober->state()->is_looping());
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const BlockConfig& block = serving_->config.blocks[i];
    if (!block.prometheus || !block.cache) continue;
    for (const ServedKey& served : block.keys) {
      for (const net::ListenAddress& address : served.addresses) {
        totals.caches.push_back(
            {server_label(served.key, address), block.cache->zones, blocks_[i]->cache()->totals()});
      }
    }
  }
  return totals;
}

// For whoever looks at /ready: names of the cluster are served all the same.
std::string Runtime::troubles() const {
  std::string text;
  if (!serving_) return text;
  for (const auto& prober : serving_->loop_probers) {
    if (prober->state()->is_looping())
      text += "\nloop: forwarding is off for zone " + dns::to_text(prober->zone().view());
  }
  std::set<size_t> told;  // blocks may share a source
  for (const auto& source : serving_->sources) {
    if (source && told.insert(*source).second) text += sources_->troubles(*source);
  }
  return text;
}

}  // namespace fairlead::server
