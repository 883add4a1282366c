// What a block is built with, and what it asks for beside its chain.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "http/http.h"
#include "metrics/counter_table.h"
#include "metrics/family_set.h"
#include "metrics/metrics.h"
#include "net/asio.h"
#include "net/log.h"
#include "plugins/kept.h"
#include "plugins/plan.h"
#include "query/block.h"
#include "query/live_board.h"
#include "query/routing.h"
#include "query/search_domains.h"
#include "query/zone_listing.h"

namespace fairlead::k8s_watch {
struct WatchOptions;
}

namespace fairlead::net {
class CurrentTls;
}

namespace fairlead::plugins {

namespace kubernetes {
struct ClusterView;
struct Config;
}  // namespace kubernetes

class Cluster;
class Readiness;

/// What a block is built with; lives as long as the process serves. Control thread.
struct Site {
  asio::io_context& control;
  net::LogSink& log;
  metrics::Metrics& metrics;
  query::LiveBoard& board;
  Kept& kept;
  Readiness& readiness;
  size_t workers = 0;
  std::function<void()> look_for_reload;  // reads the Corefile and serves it if it has changed
  std::string version;                    // the program's: "0.1.0"
};

/// A configuration that is explained rather than served: nothing is watched, no upstream is asked.
struct Explaining {
  std::string manifests, kubeconfig;  // where clusters are read instead
  std::function<kubernetes::ClusterView(const k8s_watch::WatchOptions&)> read_cluster;
  /// Hears of each `kubernetes` directive, with the cluster that is read for it; may be null.
  std::function<void(const kubernetes::Config&)> meet;
};

/// Something that has to happen before a configuration is served (kubernetes: the first lists).
struct StartCheck {
  std::string directive;  // "kubernetes"
  std::string what;       // "Kubernetes API"
  std::function<bool()> done;
  std::chrono::nanoseconds patience{};  // then it is served all the same
};

/// A directive that has to become ready, for /ready.
struct ReadyCheck {
  std::string directive;
  std::function<bool()> ready;
  std::function<std::string()> why;  // lines, each with its line end in front; may be empty
};

/// A line of `fairlead status`: what it is about ("upstream"; empty: it goes on with the line
/// before), and what there is to say.
struct StatusLine {
  std::string about;
  std::string text;
};

/// What one block asked for beside its chain; the server's.
struct Built {
  std::shared_ptr<query::Block> block;
  std::set<std::string> handlers;  // directives that see questions
  std::vector<http::HttpRoute> routes;
  std::vector<StartCheck> start_checks;
  std::vector<ReadyCheck> ready_checks;
  bool check_continuously = false;
  std::vector<std::function<std::string()>> notes;
  std::vector<std::function<std::vector<StatusLine>()>> status;
  std::vector<std::function<void(metrics::FamilySet&)>> collectors;
  std::vector<std::function<std::shared_ptr<void>()>> while_served;
  /// Of addresses that want TLS, by transport; the others go without.
  std::map<std::string, std::shared_ptr<const net::CurrentTls>> tls;
  struct Counted {
    std::shared_ptr<metrics::CounterTable> table;
    std::string zones;  // in place of the key's zone in the labels; empty: that
  };
  std::vector<Counted> counted;
  std::function<std::shared_ptr<query::Unmatched>(const std::string& server, size_t worker)>
      unmatched;
  std::map<std::string, std::shared_ptr<const query::SearchDomains>>
      search_domains;                      // by directive
  std::shared_ptr<const Cluster> cluster;  // of kubernetes; null without
  std::vector<std::shared_ptr<const query::ZoneLister>> zone_listers;  // in the chain's order
  std::map<const query::Step*, Use> places;  // where steps are written, for explain
};

}  // namespace fairlead::plugins
