// A lookahead changes nothing that can be seen; the sanitizers see whether it reads what it may.
#include "zones/lookahead.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "zones/store.h"

namespace fairlead::zones {
namespace {

ClusterZone cluster() {
  ClusterZone out;
  for (const char* zone : {"cluster.local.", "10.in-addr.arpa."})
    out.zones.push_back(*dns::Name::from_text(zone));
  return out;
}

const std::vector<std::string> kNames{
    "web.ns.svc.cluster.local.",
    "none.ns.svc.cluster.local.",
    "hl.ns.svc.cluster.local.",
    "empty.ns.svc.cluster.local.",
    "away.ns.svc.cluster.local.",
    "a.b.c.d.web.ns.svc.cluster.local.",
    "_http._tcp.web.ns.svc.cluster.local.",
    "ns.svc.cluster.local.",
    "svc.cluster.local.",
    "cluster.local.",
    "local.",
    ".",
    "web.nowhere.svc.cluster.local.",
    "1-2-3-4.ns.pod.cluster.local.",
    "1.0.1.10.in-addr.arpa.",
    "9.9.9.10.in-addr.arpa.",
    "10.in-addr.arpa.",
    "arpa.",
};

void walk_all(const Snapshot& snapshot) {
  const ClusterZone zone = cluster();
  std::vector<Lookahead> walks(kNames.size());
  for (size_t i = 0; i < kNames.size(); ++i) {
    const dns::Name name = *dns::Name::from_text(kNames[i]);
    dns::Query query;
    query.set_name(name.view());
    walks[i].begin(zone, snapshot, query);
  }
  for (int step = 1; step <= Lookahead::kSteps; ++step) {
    for (Lookahead& walk : walks) walk.step(step);
  }
}

TEST_CASE("lookahead: every kind of name over every kind of record") {
  Store store({});
  walk_all(*store.freeze(1));  // tables without a root
  store.put(Namespace{"ns"});
  Service web{.key = {"ns", "web"}};
  web.cluster_ips.push_back(*dns::IpAddress::from_text("10.0.0.1"));
  store.put(web);
  store.put(Service{.key = {"ns", "hl"}, .type = Service::Type::Headless});
  store.put(Service{.key = {"ns", "empty"}, .type = Service::Type::Headless});
  store.put(Service{
      .key = {"ns", "away"}, .type = Service::Type::ExternalName, .external_name = "x.test"});
  EndpointSlice slice{.key = {"ns", "hl-1"}, .service_name = "hl"};
  slice.endpoints.push_back({.addresses = {*dns::IpAddress::from_text("10.1.0.1")}});
  store.put(slice);
  walk_all(*store.freeze(2));
}

TEST_CASE("lookahead: a snapshot that has gone on since is still read whole") {
  Store store({});
  store.put(Namespace{"ns"});
  Service web{.key = {"ns", "web"}};
  web.cluster_ips.push_back(*dns::IpAddress::from_text("10.0.0.1"));
  store.put(web);
  const auto before = store.freeze(1);
  store.erase(Kind::Service, {"ns", "web"});
  const auto after = store.freeze(2);
  walk_all(*before);
  walk_all(*after);
  CHECK(before->service("ns", "web") != nullptr);
  CHECK(after->service("ns", "web") == nullptr);
}

}  // namespace
}  // namespace fairlead::zones
