#include "plugins/kubernetes/explain_step.h"

#include <memory>
#include <string>
#include <utility>

#include "plugins/building.h"
#include "plugins/cluster.h"
#include "plugins/kubernetes/cluster_view.h"
#include "plugins/kubernetes/explain_hints.h"
#include "plugins/kubernetes/explain_objects.h"
#include "plugins/names.h"
#include "query/step.h"
#include "query/walk.h"
#include "zones/respond.h"
#include "zones/trace.h"

namespace fairlead::plugins::kubernetes {
namespace {

using query::Note;
using query::Turn;
using query::Walk;

// One thread only: what is read is kept.
class ReadOnce final : public Cluster {
 public:
  ReadOnce(Config config, const Explaining& explaining)
      : config_(std::move(config)), explaining_(explaining) {}

  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] const ClusterView& view() const {
    if (!view_) {
      view_ = std::make_unique<const ClusterView>(explaining_.read_cluster(config_.watch));
    }
    return *view_;
  }
  [[nodiscard]] const zones::ClusterZone& zone() const override { return config_.zone; }
  [[nodiscard]] const zones::Snapshot* snapshot(const Walk&) const override {
    return view().snapshot.get();
  }
  [[nodiscard]] std::shared_ptr<ClusterVersions> versions() const override { return nullptr; }

 private:
  const Config config_;
  const Explaining& explaining_;
  mutable std::unique_ptr<const ClusterView> view_;
};

class Told : public query::Step {
 public:
  explicit Told(std::shared_ptr<const ReadOnce> cluster)
      : cluster_(std::move(cluster)), config_(cluster_->config()) {}

  Turn ask(Walk& walk) const override {
    const dns::Query& query = walk.question();
    query::Telling& telling = *walk.telling();
    const dns::Name* zone = config_.zone.zone_of(query.lower_qname.view());
    if (zone == nullptr) {
      telling.tell("the name is outside the zones " + list(config_.zone.zones) + ": passed on");
      const bool typed = walk.depth() == 0 && query.qclass == dns::RrClass::In;
      if (typed && may_be_short_name(telling.typed()))
        tell_search_list(config_, view(), telling.typed(), telling);
      return Turn::Pass;
    }
    telling.tell("the name is in the zone " + dns::to_text(zone->view()));
    tell_why(query, *zone, telling);
    return answer(walk);
  }

  Turn see(Walk& walk, Note&) const override {
    walk.end_chain();
    return Turn::Done;
  }

 private:
  void tell_why(const dns::Query& query, const dns::Name& zone, query::Telling& telling) const {
    if (query.qtype == dns::RrType::Axfr || query.qtype == dns::RrType::Ixfr)
      return telling.add("because", "zone transfers are refused");
    if (!view().trouble.empty()) telling.add("trouble", view().trouble);
    const zones::Aim aim(config_.zone, *view().snapshot, query, zone);
    const zones::Place place = zones::locate(config_.zone, *view().snapshot, query, aim);
    if (place.kind == zones::Place::Kind::Missing) return tell_denied(query, zone, telling);
    tell_objects(config_, view(), place, telling);
    dns::Answer scratch;
    zones::respond({config_.zone, *view().snapshot, query}, scratch);
    if (scratch.count(dns::Section::Answer) == 0)
      telling.add("because", zones::why_no_data(place, query.qtype));
  }

  void tell_denied(const dns::Query& query, const dns::Name& zone, query::Telling& telling) const {
    if (view().snapshot->synced())
      tell_missing(config_, view(), query, zone, telling);
    else
      telling.add("because", "what has not been read is not denied: SERVFAIL");
    if (config_.zone.falls_through(query.lower_qname.view()))
      telling.add("", "fallthrough passes it on");
  }

  [[nodiscard]] Turn answer(Walk& walk) const {
    const zones::Response said =
        zones::respond({config_.zone, *view().snapshot, walk.question()}, walk.answer());
    if (said.outcome == zones::Outcome::Answered) return Turn::Done;
    if (said.outcome != zones::Outcome::Chase) return Turn::Pass;
    return walk.ask_server(walk.answer().name(said.target, walk.question().qname),
                           walk.question().qtype);
  }

  [[nodiscard]] const ClusterView& view() const { return cluster_->view(); }

  const std::shared_ptr<const ReadOnce> cluster_;
  const Config& config_;
};

}  // namespace

void explain_step(const Config& config, Building& building) {
  const Explaining& explaining = *building.explaining();
  Config used = config;
  if (!explaining.manifests.empty()) {
    used.watch.api = {};
    used.watch.manifests_path = explaining.manifests;
  } else if (!explaining.kubeconfig.empty()) {
    used.watch.api = {.kubeconfig_file = explaining.kubeconfig};
    used.watch.manifests_path.clear();
  }
  if (explaining.meet) explaining.meet(used);
  const auto cluster = std::make_shared<const ReadOnce>(std::move(used), explaining);
  building.step(std::make_unique<const Told>(cluster));
  building.offer(cluster);
}

}  // namespace fairlead::plugins::kubernetes
