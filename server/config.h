// A parsed Corefile with the meaning of every directive: what the server is to do, before anything
// is opened or started.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cache/cache.h"
#include "corefile/corefile.h"
#include "corefile/key.h"
#include "corefile/parser.h"
#include "forward/resolve_name.h"
#include "forward/settings.h"
#include "k8s-watch/watch.h"
#include "net/endpoint.h"
#include "net/interfaces.h"
#include "plugins/errors/setup.h"
#include "plugins/forward/setup.h"
#include "plugins/health/setup.h"
#include "plugins/hosts/setup.h"
#include "plugins/loadbalance/setup.h"
#include "plugins/log/setup.h"
#include "plugins/prometheus/setup.h"
#include "plugins/ready/setup.h"
#include "plugins/reload/setup.h"
#include "zones/cluster_zone.h"

namespace fairlead::server {

struct KubernetesConfig {
  zones::ClusterZone zone;
  k8s_watch::WatchOptions watch;
  std::chrono::nanoseconds startup_timeout{};
};

/// One `forward` line. Upstreams that are given by name are resolved when the line is deployed.
struct ForwardConfig {
  std::vector<dns::Name> from;
  std::vector<dns::Name> except;
  std::vector<uint16_t> next;
  bool next_on_nodata = false;
  forward::Settings settings;                         // without the upstreams
  std::vector<plugins::forward::Upstream> upstreams;  // as written
  std::vector<forward::Resolver> resolvers;  // of upstreams given by name; none: the system's

  friend bool operator==(const ForwardConfig&, const ForwardConfig&) = default;
};

struct CacheConfig {
  cache::Settings settings;
  std::string zones;  // as in the `zones` label of its metrics

  friend bool operator==(const CacheConfig&, const CacheConfig&) = default;
};

/// One key of a block and where it is served.
struct ServedKey {
  corefile::Key key;
  std::vector<net::ListenAddress> addresses;
};

/// Where one use of a directive begins: "Corefile:7".
struct DirectivePlace {
  std::string directive;
  std::string place;
};

struct BlockConfig {
  std::vector<ServedKey> keys;
  std::string place;                    // where the keys begin: "Corefile:1"
  std::vector<DirectivePlace> places;   // of every use of a directive, in plugin order
  std::vector<std::string> directives;  // names, in plugin order
  bool handles_queries = false;  // some directive sees queries; without one the block refuses them
  std::string last_handler;      // the last of those, for the error text of an unanswered query

  std::optional<plugins::errors::Options> errors;
  std::optional<plugins::log::Options> log;
  std::optional<plugins::health::Options> health;
  std::optional<plugins::ready::Options> ready;
  std::optional<plugins::prometheus::Options> prometheus;
  std::optional<plugins::reload::Options> reload;
  std::optional<plugins::loadbalance::Options> loadbalance;
  std::optional<KubernetesConfig> kubernetes;
  std::optional<plugins::hosts::Options> hosts;
  std::optional<CacheConfig> cache;
  std::optional<dns::Name> loop;  // the zone that is probed
  std::vector<ForwardConfig> forwards;
  std::optional<uint16_t> bufsize;
  bool whoami = false;
};

struct Config {
  std::vector<BlockConfig> blocks;
  std::vector<std::string> warnings;
  std::string hash;  // SHA-512 in hex over the parsed blocks
};

/// Gives meaning to parsed blocks (no blocks: `.:PORT { whoami log }`). `files` serves what
/// directives read while they are parsed. Opens nothing. Throws corefile::ConfigError.
Config make_config(corefile::Config parsed, uint16_t default_port,
                   const corefile::FileReader& files,
                   std::span<const net::InterfaceAddress> interfaces);

/// Reads and parses the Corefile and calls make_config. `conf` as in the flag -conf: a path, or
/// empty for ./Corefile if there is one. `stdin_text` is used when conf is "stdin". Throws
/// corefile::ConfigError, or std::runtime_error when the file cannot be read.
Config load_config(const std::string& conf, const std::string& stdin_text, uint16_t default_port);

}  // namespace fairlead::server
