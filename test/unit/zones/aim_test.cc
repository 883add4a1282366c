#include "zones/aim.h"

#include <doctest/doctest.h>

#include "zones/lookahead.h"
#include "zones/store.h"

namespace fairlead::zones {
namespace {

ClusterZone cluster_of(std::initializer_list<const char*> zones) {
  ClusterZone cluster;
  for (const char* zone : zones) cluster.zones.push_back(*dns::Name::from_text(zone));
  return cluster;
}

// Keeps the name that the query is a view of.
struct Question {
  explicit Question(const char* text) : name(*dns::Name::from_text(text)) {
    query.set_name(name.view());
  }
  dns::Name name;
  dns::Query query;
};

struct Fixture {
  Fixture() {
    store.put(Namespace{"ns"});
    store.put(Service{.key = {"ns", "web"}, .type = Service::Type::Headless});
    snapshot = store.freeze(1);
  }
  Store store{{}};
  SnapshotPtr snapshot;
  ClusterZone cluster = cluster_of({"local.", "cluster.local.", "10.in-addr.arpa.", "ip6.arpa."});
};

TEST_CASE("aim: the longest zone, and what stands in front of it") {
  const Fixture f;
  const auto aim = [&](const char* name) {
    return Aim(f.cluster, *f.snapshot, Question(name).query);
  };
  CHECK(aim("web.ns.svc.cluster.local.").zone == &f.cluster.zones[1]);
  CHECK(aim("WEB.ns.svc.Cluster.LOCAL.").labels == 3);
  CHECK(aim("other.local.").zone == f.cluster.zones.data());
  CHECK(aim("xcluster.local.").labels == 1);
  CHECK(aim("cluster.local.").labels == 0);
  CHECK(aim("localx.").zone == nullptr);
  CHECK(aim(".").zone == nullptr);
}

TEST_CASE("aim: trees and addresses") {
  const Fixture f;
  const auto aim = [&](const char* name) {
    return Aim(f.cluster, *f.snapshot, Question(name).query);
  };
  CHECK(aim("ns.svc.cluster.local.").tree == Aim::Tree::Services);
  CHECK(aim("1-2-3-4.ns.POD.cluster.local.").tree == Aim::Tree::Pods);
  CHECK(aim("svc.other.cluster.local.").tree == Aim::Tree::Neither);
  CHECK(aim("4.3.2.10.in-addr.arpa.").address == dns::IpAddress::from_text("10.2.3.4"));
  const Aim half = aim("2.10.in-addr.arpa.");
  CHECK(half.reverse);
  CHECK_FALSE(half.address.has_value());
  CHECK(aim("svc.10.in-addr.arpa.").tree == Aim::Tree::Services);
}

TEST_CASE("aim: its hashes find what the names find") {
  const Fixture f;
  const Aim aim(f.cluster, *f.snapshot, Question("a.web.ns.svc.cluster.local.").query);
  CHECK(f.snapshot->has_namespace("ns", aim.namespace_hash));
  REQUIRE(f.snapshot->service("ns", "web") != nullptr);
  CHECK(f.snapshot->service("ns", "web", aim.service_hash) == f.snapshot->service("ns", "web"));
}

TEST_CASE("aim: a lookahead keeps it for its own cluster and store, until it is cleared") {
  const Fixture f, other;
  const Question asked("web.ns.svc.cluster.local.");
  Lookahead ahead;
  CHECK(ahead.aim_at(f.cluster, *f.snapshot) == nullptr);
  ahead.begin(f.cluster, *f.snapshot, asked.query);
  REQUIRE(ahead.aim_at(f.cluster, *f.snapshot) != nullptr);
  CHECK(ahead.aim_at(f.cluster, *f.snapshot)->labels == 3);
  CHECK(ahead.aim_at(other.cluster, *f.snapshot) == nullptr);
  CHECK(ahead.aim_at(f.cluster, *other.snapshot) == nullptr);
  ahead.clear();
  CHECK(ahead.aim_at(f.cluster, *f.snapshot) == nullptr);
}

}  // namespace
}  // namespace fairlead::zones
