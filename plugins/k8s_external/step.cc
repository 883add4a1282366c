// The k8s_external directive in a block's chain.
#include "query/step.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "dns/expire.h"
#include "plugins/building.h"
#include "plugins/cluster.h"
#include "plugins/cluster_listing.h"
#include "plugins/k8s_external/setup.h"
#include "plugins/names.h"
#include "query/walk.h"
#include "zones/outside_zone.h"

namespace fairlead::plugins::k8s_external {
namespace {

using dns::RrType;
using dns::Section;
using query::Note;
using query::Turn;
using query::Walk;

constexpr size_t kSrvTarget = 6;       // where it begins in the rdata
constexpr size_t kMostGlueNames = 16;  // targets of one answer that are asked for

// Filled when the whole block is built: `kubernetes` comes behind.
struct Shared {
  std::shared_ptr<const Cluster> cluster;
};

void add_glue(const dns::Answer& found, dns::NameView found_name, dns::Answer& answer) {
  for (const dns::Record& record : found.records()) {
    if (record.section != Section::Answer) continue;
    const dns::NameRef owner = answer.add_name(found.name(record.owner, found_name));
    answer.add_raw(Section::Additional, owner, record.type, record.ttl, found.rdata(record));
  }
}

class External : public query::Step {
 public:
  External(zones::OutsideZone zone, std::shared_ptr<const Shared> shared)
      : zone_(std::move(zone)), shared_(std::move(shared)) {}

  Turn ask(Walk& walk) const override {
    const Cluster& cluster = *shared_->cluster;
    const dns::Query& query = walk.question();
    if (zones::longest_of(zone_.zones, query.lower_qname.view()) == nullptr) {
      if (walk.telling() != nullptr)
        walk.telling()->tell("the name is outside the zones " + list(zone_.zones) + ": passed on");
      return Turn::Pass;
    }
    const zones::Snapshot* const snapshot = cluster.snapshot(walk);
    if (snapshot == nullptr) return Turn::Pass;
    if (walk.telling() != nullptr) tell(*walk.telling(), query, cluster.zone(), *snapshot);
    const zones::Response said =
        zones::respond_outside(zone_, cluster.zone(), *snapshot, query, walk.answer());
    if (said.outcome == zones::Outcome::FallThrough) return Turn::Pass;
    if (walk.answer().rcode == dns::Rcode::ServFail) tell_unread(walk.answer());
    if (said.outcome == zones::Outcome::Chase)
      return walk.ask_server(walk.answer().name(said.target, query.qname), query.qtype);
    if (dns::asks_expire(walk.received())) dns::say_expire(walk.answer());
    return query.qtype == RrType::Srv ? ask_glue(walk, {}) : Turn::Done;
  }

  // What a CNAME leads to, or addresses of an SRV record's target.
  Turn see(Walk& walk, Note& note) const override {
    if (walk.question().qtype != RrType::Srv) {
      walk.end_chain();
      return Turn::Done;
    }
    add_glue(*walk.found(), walk.found_name(), walk.answer());
    ++note.words[kAsked];
    return ask_glue(walk, note);
  }

 private:
  // Of a note: how many questions have been asked, two for each target without addresses.
  static constexpr size_t kAsked = 0;

  // The nth target that is a host name somewhere else; empty when there are not so many, or too
  // many.
  [[nodiscard]] dns::NameView host_name(const Walk& walk, size_t n) const {
    const dns::NameView service = service_name(walk.question());
    std::array<dns::NameView, kMostGlueNames> before;
    size_t count = 0;
    for (const dns::Record& record : walk.answer().records()) {
      if (record.section != Section::Answer || record.type != RrType::Srv) continue;
      const dns::NameView target = walk.answer().rdata(record).subspan(kSrvTarget);
      const auto is_target = [&](dns::NameView other) {
        return dns::equal_ignoring_case(other, target);
      };
      // At or below the service's own name are its addresses, or none.
      if (dns::is_at_or_below(dns::Name(target).lowered().view(), service)) continue;
      if (std::any_of(before.begin(), before.begin() + count, is_target)) continue;
      if (count == n) return target;
      before[count++] = target;
      if (count == before.size()) break;
    }
    return {};
  }

  // SERVICE.NAMESPACE.ZONE; of a name that is shorter the name.
  [[nodiscard]] dns::NameView service_name(const dns::Query& query) const {
    const dns::NameView name = query.lower_qname.view();
    const dns::Name& zone = *zones::longest_of(zone_.zones, name);
    const size_t labels = query.label_count - dns::label_count(zone.view());
    return labels < 2 ? name : name.subspan(query.label_at[labels - 2]);
  }

  Turn ask_glue(Walk& walk, Note note) const {
    const size_t asked = note.words[kAsked];
    const dns::NameView target = host_name(walk, asked / 2);
    if (target.empty()) return Turn::Done;
    return walk.ask_server(target, asked % 2 == 0 ? RrType::A : RrType::Aaaa);
  }

  void tell(query::Telling& telling, const dns::Query& query, const zones::ClusterZone& cluster,
            const zones::Snapshot& snapshot) const;

  const zones::OutsideZone zone_;
  const std::shared_ptr<const Shared> shared_;
};

// "the address 203.0.113.7, the host name lb.example."
std::string outside_text(const zones::OutsideRecord& outside) {
  std::string text;
  for (const dns::IpAddress& ip : outside.addresses)
    text += (text.empty() ? "" : ", ") + ip.to_text();
  for (const std::string& name : outside.names)
    text += (text.empty() ? "" : ", ") + dns::to_text(zones::wire_name(name));
  return text;
}

void External::tell(query::Telling& telling, const dns::Query& query,
                    const zones::ClusterZone& cluster, const zones::Snapshot& snapshot) const {
  const dns::Name& zone = *zones::longest_of(zone_.zones, query.lower_qname.view());
  telling.tell("the name is in the zone " + dns::to_text(zone.view()));
  const zones::OutsidePlace place = zones::locate_outside(zone_, cluster, snapshot, query, zone);
  if (place.kind == zones::OutsidePlace::Kind::Missing)
    return telling.add("because", "no service that is reached from outside has this name");
  if (place.service.service == nullptr) return;
  const zones::ServiceName& id = *place.service.service->id;
  const std::string service = "Service " + id.namespace_name + "/" + id.name;
  telling.add("from", place.outside != nullptr
                          ? service + ": outside it is " + outside_text(*place.outside)
                          : service + ": its endpoints, by the option headless");
}

void require_kubernetes(const corefile::Cursor& cursor, const Plan& plan) {
  const auto is_kubernetes = [](const Use& use) { return use.directive == "kubernetes"; };
  if (std::ranges::none_of(plan.uses, is_kubernetes))
    throw corefile::ConfigError("plugin/k8s_external: kubernetes plugin not loaded",
                                cursor.token().file, cursor.token().line);
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const zones::OutsideZone zone = parse(cursor, plan.context());
  require_kubernetes(cursor, plan);
  plan.outside = true;
  plan.make([zone](Building& building) {
    const auto shared = std::make_shared<Shared>();
    building.step(std::make_unique<External>(zone, shared));
    building.when_built([shared](const Built& built) { shared->cluster = built.cluster; });
    if (building.explaining() == nullptr)
      offer_cluster([shared] { return shared->cluster; },
                    std::make_shared<const zones::OutsideZone>(zone), building);
  });
}

}  // namespace fairlead::plugins::k8s_external
