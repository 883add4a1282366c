#include "server/config.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

#include "corefile/cursor.h"
#include "plugins/bind/setup.h"
#include "plugins/bufsize/setup.h"
#include "plugins/cache/setup.h"
#include "plugins/forward/setup.h"
#include "plugins/kubernetes/setup.h"
#include "plugins/loop/setup.h"
#include "plugins/whoami/setup.h"
#include "server/plugin_settings.h"

namespace fairlead::server {
namespace {

using corefile::Context;
using corefile::Cursor;

// What a directive's parser needs beside its words.
struct Block {
  const Context& context;
  BlockConfig& config;
  std::vector<std::string>& warnings;
};

zones::PodMode pod_mode(plugins::kubernetes::Pods pods) {
  switch (pods) {
    case plugins::kubernetes::Pods::Insecure:
      return zones::PodMode::Insecure;
    case plugins::kubernetes::Pods::Verified:
      return zones::PodMode::Verified;
    case plugins::kubernetes::Pods::Disabled:
      break;
  }
  return zones::PodMode::Disabled;
}

zones::ClusterZone cluster_zone(const plugins::kubernetes::Options& options) {
  zones::ClusterZone zone;
  zone.zones = to_names(options.zones);
  const auto primary = std::ranges::find(options.zones, options.primary_zone);
  zone.primary =
      primary == options.zones.end() ? 0 : static_cast<size_t>(primary - options.zones.begin());
  zone.ttl = options.ttl;
  zone.pods = pod_mode(options.pods);
  zone.ignore_empty_service = options.ignore_empty_service;
  for (const std::string& name : options.namespaces)
    zone.namespaces.push_back(zones::lowered(name));
  zone.has_fallthrough = !options.fall_through.empty();
  const bool everything =
      std::ranges::find(options.fall_through, ".") != options.fall_through.end();
  if (!everything) zone.fallthrough_zones = to_names(options.fall_through);
  return zone;
}

k8s_watch::WatchOptions watch_options(const plugins::kubernetes::Options& options) {
  k8s_watch::WatchOptions watch;
  watch.api.endpoint = options.endpoint;
  watch.api.tls_cert_file = options.client_cert;
  watch.api.tls_key_file = options.client_key;
  watch.api.tls_ca_file = options.ca_file;
  watch.api.kubeconfig_file = options.kubeconfig;
  watch.api.kubeconfig_context = options.kubeconfig_context;
  watch.api.qps = static_cast<float>(options.apiserver_qps.value_or(0));
  watch.api.burst = static_cast<int>(options.apiserver_burst.value_or(0));
  watch.api.max_inflight = static_cast<int>(options.apiserver_max_inflight.value_or(0));
  watch.manifests_path = options.manifests;
  watch.labels = options.labels;
  watch.namespace_labels = options.namespace_labels;
  watch.pods = options.pods == plugins::kubernetes::Pods::Verified;
  watch.endpoint_slices = options.endpoints;
  watch.endpoint_pod_names = options.endpoint_pod_names;
  return watch;
}

void set_kubernetes(Cursor& cursor, Block& block) {
  const auto options = plugins::kubernetes::parse(cursor, block.context);
  block.config.kubernetes = {cluster_zone(options), watch_options(options),
                             options.startup_timeout};
}

void set_forward(Cursor& cursor, Block& block) {
  for (const auto& options : plugins::forward::parse(cursor, block.context))
    block.config.forwards.push_back(forward_config(options));
}

struct DirectiveMeaning {
  bool handles_queries;
  std::function<void(Cursor&, Block&)> set;
};

const std::map<std::string, DirectiveMeaning>& directive_meanings() {
  static const std::map<std::string, DirectiveMeaning> kMeanings{
      {"bind",
       {false,
        [](Cursor&, Block&) {}}},  // read before the others: it decides where the block listens
      {"reload", {false, [](Cursor& c, Block& b) { b.config.reload = plugins::reload::parse(c); }}},
      {"ready", {false, [](Cursor& c, Block& b) { b.config.ready = plugins::ready::parse(c); }}},
      {"health", {false, [](Cursor& c, Block& b) { b.config.health = plugins::health::parse(c); }}},
      {"prometheus",
       {true, [](Cursor& c, Block& b) { b.config.prometheus = plugins::prometheus::parse(c); }}},
      {"errors", {true, [](Cursor& c, Block& b) { b.config.errors = plugins::errors::parse(c); }}},
      {"log", {true, [](Cursor& c, Block& b) { b.config.log = plugins::log::parse(c); }}},
      {"bufsize",
       {true, [](Cursor& c, Block& b) { b.config.bufsize = plugins::bufsize::parse(c).size; }}},
      {"loadbalance",
       {true, [](Cursor& c, Block& b) { b.config.loadbalance = plugins::loadbalance::parse(c); }}},
      {"cache",
       {true,
        [](Cursor& c, Block& b) {
          b.config.cache = cache_config(plugins::cache::parse(c, b.context));
        }}},
      {"hosts",
       {true, [](Cursor& c, Block& b) { b.config.hosts = plugins::hosts::parse(c, b.context); }}},
      {"kubernetes", {true, set_kubernetes}},
      {"loop",
       {true,
        [](Cursor& c, Block& b) {
          b.config.loop = to_name(plugins::loop::parse(c, b.context).zones.front());
        }}},
      {"forward", {true, set_forward}},
      {"whoami",
       {true,
        [](Cursor& c, Block& b) {
          static_cast<void>(plugins::whoami::parse(c));
          b.config.whoami = true;
        }}},
  };
  return kMeanings;
}

std::string place_of(const corefile::Token& token) {
  return token.file + ":" + std::to_string(token.line);
}

void set_places(const corefile::ServerBlock& parsed, BlockConfig& config) {
  config.place = place_of(parsed.keys.front());
  for (const corefile::Directive& directive : parsed.directives) {
    int depth = 0;
    for (const corefile::Token& token : directive.tokens) {
      const bool use = depth == 0 && token.starts_line && token.text == directive.name;
      if (use) config.places.push_back({directive.name, place_of(token)});
      depth += token.opens() ? 1 : token.closes() ? -1 : 0;
    }
  }
}

void set_directives(const corefile::ServerBlock& parsed, Block& block) {
  for (const corefile::Directive& directive : parsed.directives) {
    const auto meaning = directive_meanings().find(directive.name);
    Cursor cursor(directive);
    if (meaning == directive_meanings().end()) {
      throw cursor.error("directive '" + directive.name + "' is not supported yet");
    }
    meaning->second.set(cursor, block);
    for (const std::string& warning : cursor.warnings()) block.warnings.push_back(warning);
    block.config.directives.push_back(directive.name);
    if (!meaning->second.handles_queries) continue;
    block.config.handles_queries = true;
    block.config.last_handler = directive.name;
  }
}

// The addresses of all `bind` lines for one port; the wildcard without one.
std::vector<net::ListenAddress> addresses_of(const corefile::ServerBlock& parsed, uint16_t port,
                                             std::span<const net::InterfaceAddress> interfaces) {
  const corefile::Directive* bind = parsed.find("bind");
  if (bind == nullptr) return {net::ListenAddress{.port = port, .wildcard = true}};
  Cursor cursor(*bind);
  std::vector<net::ListenAddress> all;
  for (const auto& line : plugins::bind::parse(cursor).lines) {
    const auto found = net::listen_addresses({line.listen, line.except}, port, interfaces);
    if (const auto* error = std::get_if<std::string>(&found)) throw cursor.error(*error);
    for (const net::ListenAddress& address : std::get<std::vector<net::ListenAddress>>(found)) {
      if (std::ranges::find(all, address) == all.end()) all.push_back(address);
    }
  }
  if (all.empty()) throw cursor.error("no address left to listen on");
  return all;
}

void set_keys(const corefile::ServerBlock& parsed, const std::vector<corefile::Key>& keys,
              std::span<const net::InterfaceAddress> interfaces, BlockConfig& config) {
  for (const corefile::Key& key : keys) {
    if (key.transport != "dns") {
      throw corefile::parse_error(parsed.keys.front(),
                                  "transport '" + key.transport + "' is not supported yet");
    }
    config.keys.push_back({key, addresses_of(parsed, key.port, interfaces)});
  }
}

// The server's own addresses, as far as clients can reach them: for the NS of cluster zones.
std::vector<dns::IpAddress> own_addresses(const BlockConfig& config,
                                          std::span<const net::InterfaceAddress> interfaces) {
  std::vector<dns::IpAddress> own;
  for (const ServedKey& served : config.keys) {
    for (const net::ListenAddress& address : served.addresses) {
      if (address.wildcard) return net::non_loopback_addresses(interfaces);
      const bool known = std::ranges::find(own, address.address) != own.end();
      if (!known && !address.address.is_loopback()) own.push_back(address.address);
    }
  }
  return own;
}

std::string host_of(const net::ListenAddress& address) {
  return address.wildcard ? std::string() : address.address.to_text();
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("open " + path + ": " + std::generic_category().message(errno));
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Config make_config(corefile::Config parsed, uint16_t default_port,
                   const corefile::FileReader& files,
                   std::span<const net::InterfaceAddress> interfaces) {
  if (parsed.blocks.empty()) {
    auto warnings = std::move(parsed.warnings);
    parsed = corefile::default_config(default_port);
    parsed.warnings = std::move(warnings);
  }
  corefile::check_keys(parsed, default_port);
  Config config{.warnings = parsed.warnings, .hash = corefile::content_hash(parsed.blocks)};
  corefile::ListenTable listening;
  for (const corefile::ServerBlock& server_block : parsed.blocks) {
    BlockConfig& block = config.blocks.emplace_back();
    const auto keys = corefile::parse_keys(server_block, default_port);
    set_places(server_block, block);
    set_keys(server_block, keys, interfaces, block);
    for (const ServedKey& served : block.keys) {
      for (const net::ListenAddress& address : served.addresses) {
        listening.add(served.key, host_of(address), server_block.keys.front());
      }
    }
    const Context context{corefile::zones_of(keys), "", &files};
    Block target{context, block, config.warnings};
    set_directives(server_block, target);
    if (block.kubernetes) block.kubernetes->zone.local_addresses = own_addresses(block, interfaces);
  }
  return config;
}

Config load_config(const std::string& conf, const std::string& stdin_text, uint16_t default_port) {
  const corefile::DiskReader files;
  const auto interfaces = net::interface_addresses();
  corefile::Config parsed;
  const std::string path = conf.empty() ? "Corefile" : conf;
  const bool absent = conf.empty() && access(path.c_str(), F_OK) != 0;
  if (!absent) {
    const std::string text = conf == "stdin" ? stdin_text : read_file(path);
    parsed = corefile::parse(text, path, corefile::Sources{files, corefile::process_environment()});
  }
  return make_config(std::move(parsed), default_port, files, interfaces);
}

}  // namespace fairlead::server
