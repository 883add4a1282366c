#include "server/deployment.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "plugins/names.h"
#include "plugins/readiness.h"

namespace fairlead::server {
namespace {

// Calls `each` with every server block's number, key and address.
template <typename Each>
void for_each_served(const plugins::Config& config, Each each) {
  for (size_t i = 0; i < config.blocks.size(); ++i) {
    for (const plugins::ServedKey& served : config.blocks[i].keys) {
      for (const net::ListenAddress& address : served.addresses) each(i, served, address);
    }
  }
}

// DNS over HTTPS behind a proxy that has taken the TLS off is the same to its clients.
query::Carrier carrier_of(const std::string& transport, bool encrypted) {
  if (transport == "https") return query::Carrier::Https;
  return transport == "tls" && encrypted ? query::Carrier::Tls : query::Carrier::Plain;
}

}  // namespace

Deployment::Deployment(plugins::Config config, plugins::Site& site)
    : config_(std::move(config)), site_(site), listening_(plugins::listening_of(config_)) {
  const std::span<const plugins::Plan> blocks = config_.blocks;
  for (size_t i = 0; i < blocks.size(); ++i) {
    plugins::Building building(blocks[i], blocks.first(i), site_, config_.hash, nullptr);
    built_.push_back(building.build());
  }
  encrypt_listening();
}

// Blocks that share an address agree (plugins/shared_listeners.h): any of them will do.
void Deployment::encrypt_listening() {
  for_each_served(config_, [&](size_t i, const auto&, const auto& address) {
    const auto at = std::ranges::find(listening_, address, &plugins::Listening::address);
    const auto tls = built_[i].tls.find(at->transport);
    if (at->tls == nullptr && tls != built_[i].tls.end()) at->tls = tls->second;
  });
}

std::vector<const plugins::StartCheck*> Deployment::waits_for() const {
  std::vector<const plugins::StartCheck*> open;
  for (const plugins::Built& built : built_) {
    for (const plugins::StartCheck& check : built.start_checks)
      if (!check.done()) open.push_back(&check);
  }
  return open;
}

size_t Deployment::start_lines(const net::ListenAddress& address, size_t workers) const {
  const auto listening = std::ranges::find(listening_, address, &plugins::Listening::address);
  const size_t sockets = listening->settings.sockets.value_or(1);
  return sockets != 0 ? sockets : workers;
}

std::chrono::nanoseconds Deployment::patience() const {
  std::chrono::nanoseconds longest{};
  for (const plugins::Built& built : built_) {
    for (const plugins::StartCheck& check : built.start_checks)
      longest = std::max(longest, check.patience);
  }
  return longest;
}

bool Deployment::has_data() const {
  return std::ranges::any_of(built_, [](const plugins::Built& built) {
    return std::ranges::any_of(built.start_checks, [](const auto& check) { return check.done(); });
  });
}

std::vector<http::HttpRoute> Deployment::routes() const {
  std::vector<http::HttpRoute> routes;
  for (const plugins::Built& built : built_)
    std::ranges::copy(built.routes, std::back_inserter(routes));
  return routes;
}

std::shared_ptr<const query::Routing> Deployment::routing(size_t worker,
                                                          const Listeners& listeners) const {
  auto routing = std::make_shared<query::Routing>();
  for_each_served(config_, [&](size_t i, const auto& served, const auto& address) {
    const plugins::Built& built = built_[i];
    const std::string server = served.server_label(address);
    const uint32_t listener = listeners.number_of(address, served.key.transport);
    query::ServedZone zone{.zone = served.zone, .block = built.block, .counters = {}};
    zone.carrier = carrier_of(served.key.transport, !built.tls.empty());
    for (const auto& counted : built.counted) {
      const std::string& zones = counted.zones.empty() ? served.key.zone : counted.zones;
      zone.counters.push_back(counted.table->slot({server, zones, config_.blocks[i].view}, worker));
    }
    if (built.unmatched) routing->tell_unmatched(listener, built.unmatched(server, worker));
    routing->add(listener, std::move(zone));
  });
  return routing;
}

std::vector<plugins::StatusLine> Deployment::status() const {
  std::vector<plugins::StatusLine> all;
  std::set<std::string> known;  // blocks share upstreams and clusters
  for (const plugins::Built& built : built_) {
    for (const auto& ask : built.status) {
      std::vector<plugins::StatusLine> lines = ask();
      std::string text;
      for (const plugins::StatusLine& line : lines) text += line.about + ' ' + line.text + '\n';
      if (known.insert(text).second) std::ranges::move(lines, std::back_inserter(all));
    }
  }
  return all;
}

void Deployment::show() const {
  std::vector<plugins::ReadyCheck> checks;
  std::vector<std::function<std::string()>> notes;
  std::vector<metrics::Metrics::Collector> collectors;
  bool continuously = false;
  for (const plugins::Built& built : built_) {
    std::ranges::copy(built.ready_checks, std::back_inserter(checks));
    std::ranges::copy(built.notes, std::back_inserter(notes));
    std::ranges::copy(built.collectors, std::back_inserter(collectors));
    continuously = continuously || built.check_continuously;
  }
  site_.readiness.set(std::move(checks), std::move(notes));
  site_.readiness.ask_continuously(continuously);
  site_.metrics.set_served(std::move(collectors));
}

void Deployment::hide(plugins::Site& site) {
  site.readiness.set({}, {});
  site.metrics.set_served({});
}

void Deployment::show_plugins() const {
  site_.metrics.plugin_enabled.clear();
  for_each_served(config_, [&](size_t i, const auto& served, const auto& address) {
    for (const std::string& name : built_[i].handlers)
      site_.metrics.plugin_enabled.set(
          {served.server_label(address), served.key.zone, config_.blocks[i].view, name}, 1);
  });
}

void Deployment::begin() {
  site_.log.set_debug(std::ranges::any_of(config_.blocks, &plugins::Plan::debug));
  show_plugins();
  for (const plugins::Built& built : built_) {
    for (const auto& make : built.while_served) running_.push_back(make());
  }
}

std::chrono::nanoseconds Deployment::lameduck() const {
  std::chrono::nanoseconds longest{};
  for (const plugins::Plan& plan : config_.blocks) longest = std::max(longest, plan.lameduck);
  return longest;
}

}  // namespace fairlead::server
