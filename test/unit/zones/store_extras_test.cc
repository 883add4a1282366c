// What the store keeps for those who ask: addresses outside, imports, zones of endpoints.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "zones/store.h"

namespace fairlead::zones {
namespace {

dns::IpAddress ip_of(const std::string& text) {
  return *dns::IpAddress::from_text(text);
}

Service cluster_service(const std::string& name, const std::string& ip) {
  return {.key = {"ns", name}, .cluster_ips = {ip_of(ip)}, .ports = {{"http", "TCP", 80}}};
}

EndpointSlice slice_of(const std::string& service, const std::vector<std::string>& ips) {
  EndpointSlice result{.key = {"ns", "e"}, .service_name = service};
  for (const std::string& ip : ips) result.endpoints.push_back({.addresses = {ip_of(ip)}});
  return result;
}

// How many endpoints there are at an address.
size_t endpoints_at(const Snapshot& snapshot, const std::string& ip) {
  size_t count = 0;
  snapshot.endpoints_at(ip_of(ip), [&](const SliceRecord&, size_t) { ++count; });
  return count;
}

// "SERVICE" of every service that is reached at an address from outside, sorted.
std::vector<std::string> outside_at(const Snapshot& snapshot, const std::string& ip) {
  std::vector<std::string> result;
  snapshot.services_outside_at(ip_of(ip),
                               [&](const ServiceName& id) { result.push_back(id.name); });
  std::ranges::sort(result);
  return result;
}

TEST_CASE("store: the names and labels of pods, where they are known") {
  Store store({});
  Pod pod{.key = {"Ns", "p"}, .ips = {ip_of("10.1.0.1"), ip_of("2001:db8::1")}};
  CHECK(store.put(pod) == Change::Added);
  CHECK(store.freeze(1)->pod(ip_of("10.1.0.1")) == nullptr);
  pod.labels = {{{"app", "web"}, {"a.b/c", ""}}};
  CHECK(store.put(pod) == Change::Updated);
  CHECK(store.put(pod) == Change::None);
  const auto before = store.freeze(2);
  for (const char* ip : {"10.1.0.1", "2001:db8::1"}) {
    CAPTURE(ip);
    const PodDetails* const found = before->pod(ip_of(ip));
    REQUIRE(found != nullptr);
    CHECK(found->name == "p");
    CHECK(found->label("app") == "web");
    CHECK(found->label("a.b/c") == "");
    CHECK_FALSE(found->label("web"));
    CHECK_FALSE(found->label(""));
  }
  pod.labels = {{{"app", "db"}}};
  CHECK(store.put(pod) == Change::Updated);
  pod.ips.pop_back();
  CHECK(store.put(pod) == Change::Updated);
  const auto after = store.freeze(3);
  CHECK(after->pod(ip_of("10.1.0.1"))->label("app") == "db");
  CHECK(after->pod(ip_of("2001:db8::1")) == nullptr);
  CHECK(before->pod(ip_of("10.1.0.1"))->label("app") == "web");
  CHECK(store.erase(Kind::Pod, pod.key) == Change::Removed);
  CHECK(store.freeze(4)->pod(ip_of("10.1.0.1")) == nullptr);
}

TEST_CASE("store: of pods with one address one is told, of the namespace that is told") {
  Store store({});
  Pod one{.key = {"a", "one"}, .ips = {ip_of("10.1.0.1")}, .labels = {{{"n", "1"}}}};
  Pod two{.key = {"b", "two"}, .ips = {ip_of("10.1.0.1")}, .labels = {{{"n", "2"}}}};
  store.put(one);
  store.put(two);
  const auto both = store.freeze(1);
  const PodDetails* const told = both->pod(ip_of("10.1.0.1"));
  REQUIRE(told != nullptr);
  CHECK(told->namespace_name == both->pod_namespace(ip_of("10.1.0.1")));
  store.erase(Kind::Pod, one.key);
  CHECK(store.freeze(2)->pod(ip_of("10.1.0.1"))->name == "two");
}

TEST_CASE("store: where services are reached from outside comes, changes and goes with them") {
  Store store({});
  Service web = cluster_service("web", "10.0.0.1");
  CHECK(store.put(web) == Change::Added);
  CHECK(store.freeze(1)->outside("ns", "web") == nullptr);
  web.outside_ips = {ip_of("192.0.2.1"), ip_of("192.0.2.1")};
  web.outside_names = {"LB.test", "lb..bad"};
  CHECK(store.put(web) == Change::Updated);
  CHECK(store.put(web) == Change::None);
  const auto before = store.freeze(2);
  CHECK(before->serial() == 2);
  REQUIRE(before->outside("ns", "web") != nullptr);
  CHECK(before->outside("ns", "web")->addresses.size() == 1);
  CHECK(before->outside("ns", "web")->names.size() == 1);
  web.outside_ips = {ip_of("192.0.2.2")};
  CHECK(store.put(web) == Change::Updated);
  const auto after = store.freeze(3);
  CHECK(outside_at(*before, "192.0.2.1") == std::vector<std::string>{"web"});
  CHECK(outside_at(*after, "192.0.2.1").empty());
  CHECK(outside_at(*after, "192.0.2.2") == std::vector<std::string>{"web"});
  CHECK(store.erase(Kind::Service, {"ns", "web"}) == Change::Removed);
  CHECK(store.freeze(4)->outside("ns", "web") == nullptr);
  CHECK(outside_at(*store.freeze(4), "192.0.2.2").empty());
  CHECK(store.freeze(4)->serial() == 4);
}

TEST_CASE("store: imports and their slices stand beside the cluster's services") {
  Store store({});
  Service own = cluster_service("a", "10.0.0.1");
  store.put(own);
  own.cluster_ips = {ip_of("10.7.0.1")};
  CHECK(store.put(ServiceImport{own}) == Change::Added);
  CHECK(store.put(ServiceImport{own}) == Change::None);
  EndpointSlice both = slice_of("a", {"10.1.0.1"});
  both.import_name = "a";
  both.source_cluster = "C1";
  CHECK(store.put(both) == Change::Added);
  CHECK(store.put(both) == Change::None);
  auto snapshot = store.freeze(1);
  REQUIRE(snapshot->import("ns", "a") != nullptr);
  REQUIRE(snapshot->service("ns", "a") != nullptr);
  CHECK(snapshot->import("ns", "a")->cluster_ips[0] == ip_of("10.7.0.1"));
  CHECK(snapshot->service("ns", "a")->cluster_ips[0] == ip_of("10.0.0.1"));
  REQUIRE(snapshot->import("ns", "a")->slices.size() == 1);
  CHECK(snapshot->import("ns", "a")->slices[0]->group_name() == "c1");
  CHECK(snapshot->service("ns", "a")->slices[0]->group_name().empty());
  CHECK(endpoints_at(*snapshot, "10.1.0.1") == 1);  // the service's
  both.import_name = "b";
  CHECK(store.put(both) == Change::Updated);
  CHECK(store.freeze(2)->import("ns", "a")->slices.empty());
  both.import_name.clear();
  store.put(both);
  CHECK(endpoints_at(*store.freeze(3), "10.1.0.1") == 1);
  store.begin_relist(Kind::ServiceImport);
  CHECK(store.end_relist(Kind::ServiceImport) == 1);
  CHECK(store.freeze(4)->import("ns", "a") == nullptr);
  CHECK(store.freeze(4)->service("ns", "a") != nullptr);
}

TEST_CASE("store: imports have a sync of their own") {
  Store store({});
  store.set_synced();
  CHECK_FALSE(store.freeze(1)->imports_synced());
  store.set_imports_synced();
  CHECK(store.dirty());
  CHECK(store.freeze(1)->imports_synced());
}

TEST_CASE("store: endpoints are kept by zone where it is known") {
  Store store({});
  EndpointSlice zoned = slice_of("a", {"10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"});
  zoned.endpoints[0].zone = zoned.endpoints[2].zone = "Us.West";
  zoned.endpoints[1].zone = "bad..zone";
  store.put(Service{.key = {"ns", "a"}, .type = Service::Type::Headless});
  store.put(zoned);
  std::map<std::string, size_t> counts;
  for (const auto& part : store.freeze(1)->service("ns", "a")->slices)
    counts[std::string(part->group_name())] += part->size();
  CHECK(counts == std::map<std::string, size_t>{{"", 2}, {"\2us\4west", 2}});
  zoned.endpoints[1].zone = "Us.West";
  CHECK(store.put(zoned) == Change::Updated);
  CHECK(endpoints_at(*store.freeze(2), "10.1.0.2") == 1);
}

}  // namespace
}  // namespace fairlead::zones
