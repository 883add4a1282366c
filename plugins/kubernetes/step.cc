// The kubernetes directive in a block's chain.
#include "query/step.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "dns/edns_option.h"
#include "dns/expire.h"
#include "plugins/building.h"
#include "plugins/cluster.h"
#include "plugins/cluster_listing.h"
#include "plugins/kubernetes/client_domains.h"
#include "plugins/kubernetes/explain_step.h"
#include "plugins/kubernetes/labels.h"
#include "plugins/kubernetes/setup.h"
#include "plugins/kubernetes/source.h"
#include "query/walk.h"
#include "zones/direct.h"
#include "zones/lookahead.h"
#include "zones/respond.h"

namespace fairlead::plugins::kubernetes {
namespace {

using query::Note;
using query::Turn;
using query::Walk;

class Kubernetes : public query::Step {
 public:
  Kubernetes(zones::ClusterZone zone, std::shared_ptr<const Source> source)
      : zone_(std::move(zone)), source_(std::move(source)), at_(source_->at()) {}

  Turn ask(Walk& walk) const override {
    const zones::Snapshot* const snapshot = walk.live(at_);
    if (snapshot == nullptr) return Turn::Pass;
    const zones::Subject subject = subject_of(walk, *snapshot);
    if (walk.may_write()) {
      const zones::Direct said = zones::write_reply(subject, walk.arrange_seed(), walk.out());
      if (said.outcome == zones::Direct::Outcome::Written) return walk.wrote(said.size, said.rcode);
      if (said.outcome == zones::Direct::Outcome::FallThrough) return Turn::Pass;
    }
    return respond(walk, subject);
  }

  Turn see(Walk& walk, Note&) const override {
    walk.end_chain();
    return Turn::Done;
  }

  void look_ahead(const dns::Query& query, const query::Live& live,
                  zones::Lookahead& ahead) const override {
    if (const auto* const snapshot = live.get(at_)) ahead.begin(zone_, *snapshot, query);
  }
  [[nodiscard]] bool looks_ahead() const override { return true; }

 private:
  [[nodiscard]] zones::Subject subject_of(const Walk& walk, const zones::Snapshot& at) const {
    const zones::Lookahead* const ahead = walk.looked_ahead();
    const zones::Aim* const aim = ahead != nullptr ? ahead->aim_at(zone_, at) : nullptr;
    if (aim != nullptr) return {zone_, at, walk.question(), *aim};
    return {zone_, at, walk.question()};
  }

  static Turn respond(Walk& walk, const zones::Subject& subject) {
    const zones::Response said = zones::respond(subject, walk.answer());
    switch (said.outcome) {
      case zones::Outcome::Answered:
        if (walk.answer().rcode == dns::Rcode::ServFail) tell_unread(walk.answer());
        if (dns::asks_expire(walk.received())) dns::say_expire(walk.answer());
        return Turn::Done;
      case zones::Outcome::Chase:
        return walk.ask_server(walk.answer().name(said.target, walk.question().qname),
                               walk.question().qtype);
      default:
        return Turn::Pass;
    }
  }

  const zones::ClusterZone zone_;
  const std::shared_ptr<const Source> source_;
  const query::LiveAt<zones::Snapshot> at_;
};

class ServedCluster final : public Cluster {
 public:
  ServedCluster(zones::ClusterZone zone, std::shared_ptr<const Source> source)
      : zone_(std::move(zone)), source_(std::move(source)) {}

  [[nodiscard]] const zones::ClusterZone& zone() const override { return zone_; }
  [[nodiscard]] const zones::Snapshot* snapshot(const Walk& walk) const override {
    return walk.live(source_->at());
  }
  [[nodiscard]] std::shared_ptr<ClusterVersions> versions() const override {
    return source_->versions();
  }

 private:
  const zones::ClusterZone zone_;
  const std::shared_ptr<const Source> source_;
};

std::shared_ptr<KubernetesFamilies> families(Building& building) {
  return building.process<KubernetesFamilies>([&] {
    auto made = std::make_shared<KubernetesFamilies>();
    building.site().metrics.collect_from(
        [made](metrics::FamilySet& set) { made->collect(set.others()); });
    return made;
  });
}

std::shared_ptr<Source> source_of(const Config& config, Building& building) try {
  return building.keep<Source>(
      [&](const Source& other) { return other.options() == config.watch; },
      [&] {
        const auto watching =
            building.process<Watching>([] { return std::make_shared<Watching>(); });
        const auto last =
            building.process<LastSerial>([] { return std::make_shared<LastSerial>(); });
        const auto versions = std::make_shared<ClusterVersions>(
            building.site().control, building.live<zones::Snapshot>(), last);
        auto made = std::make_shared<Source>(config.watch, building.log(), families(building),
                                             versions, *watching);
        made->start();
        return made;
      });
} catch (const std::exception& error) {
  throw std::runtime_error(std::string("plugin/kubernetes: ") + error.what());
}

void show_synced(const std::shared_ptr<Source>& source, Building& building) {
  building.collect([source](metrics::FamilySet& families) {
    families
        .gauge({"fairlead_kubernetes_synced",
                "1 once every object of the clusters was listed; before, their names are SERVFAIL.",
                {}},
               1)
        .lower({}, source->synced() ? 1 : 0);
  });
}

// Inside a cluster is not where a file is checked.
void check(const k8s_watch::WatchOptions& watch) {
  const bool in_cluster = watch.manifests_path.empty() && watch.api.kubeconfig_file.empty() &&
                          watch.api.endpoint.empty();
  if (!in_cluster) k8s_watch::check_watch(watch);
}

// What clients keep, they keep for as long as the cache would have.
void limit_ttls(zones::ClusterZone& zone, const Building& building) {
  if (zone.primary >= zone.zones.size()) return;
  const TtlRanges ranges = building.ttl_ranges(zone.zones[zone.primary]);
  zone.soa_minimum = zone.ttl;
  constexpr uint32_t kMostOfDenial = 300;  // without a cache, too
  zone.denial_ttl = ranges.denial.clamp(std::min(zone.ttl, kMostOfDenial));
  zone.ttl = ranges.success.clamp(zone.ttl);
}

// Names and labels of pods are kept only where the block's words ask for them.
bool tells_clients(const Plan& plan) {
  const auto says = [&](const char* label) {
    return plan.identity().find(label) != std::string::npos;
  };
  return says("kubernetes/client-pod-name") || says("kubernetes/client-label/");
}

// There is no snapshot for labels: names alone are told.
void explain_kubernetes(const Config& config, Building& building) {
  building.label(make_labels(config.zone, {.place = SIZE_MAX}));
  explain_step(config, building);
}

void make_step(Config config, Building& building) {
  limit_ttls(config.zone, building);
  config.zone.local_addresses = building.own_addresses();
  config.watch.extras.outside = building.plan().outside;
  config.watch.extras.pod_labels = config.watch.pods && tells_clients(building.plan());
  if (building.explaining() != nullptr) return explain_kubernetes(config, building);
  const auto source = source_of(config, building);
  building.step(std::make_unique<Kubernetes>(config.zone, source));
  std::shared_ptr<const Cluster> cluster =
      std::make_shared<const ServedCluster>(config.zone, source);
  building.offer(cluster);
  offer_cluster([cluster] { return cluster; }, nullptr, building);
  if (config.zone.pods == zones::PodMode::Verified)
    building.offer(std::make_shared<const ClientDomains>(config.zone, source));
  building.label(make_labels(config.zone, source->at()));
  building.start_after({.directive = "kubernetes",
                        .what = "Kubernetes API",
                        .done = [source] { return source->synced(); },
                        .patience = config.startup_timeout});
  building.ready({.directive = "kubernetes",
                  .ready = [source] { return source->synced(); },
                  .why = [source] { return source->troubles(); }});
  building.note([source] { return source->troubles(); });
  building.tell_status([source] { return source->status(); });
  show_synced(source, building);
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Config config = parse(cursor, plan.context());
  plan.check([watch = config.watch](std::vector<std::string>&) { check(watch); });
  plan.make([config](Building& building) { make_step(config, building); });
}

}  // namespace fairlead::plugins::kubernetes
