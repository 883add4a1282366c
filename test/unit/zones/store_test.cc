#include "zones/store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace fairlead::zones {
namespace {

dns::IpAddress address(const std::string& text) {
  return *dns::IpAddress::from_text(text);
}

Service service(const std::string& name, const std::vector<std::string>& ips) {
  Service result{.key = {"ns", name}};
  for (const std::string& ip : ips) result.cluster_ips.push_back(address(ip));
  result.ports.push_back({"http", "TCP", 80});
  return result;
}

Service headless(const std::string& name) {
  return {.key = {"ns", name}, .type = Service::Type::Headless};
}

EndpointSlice slice(const std::string& name, const std::string& of,
                    const std::vector<std::string>& ips) {
  EndpointSlice result{.key = {"ns", name}, .service_name = of};
  for (const std::string& ip : ips) result.endpoints.push_back({.addresses = {address(ip)}});
  return result;
}

// The addresses of a service's endpoints, sorted.
std::vector<std::string> endpoints(const Snapshot& snapshot, const std::string& name) {
  std::vector<std::string> result;
  const ServiceRecord* record = snapshot.service("ns", name);
  if (record == nullptr) return {"no service"};
  for (const auto& part : record->slices) {
    for (size_t i = 0; i < part->size(); ++i) result.push_back(part->address(i).to_text());
  }
  std::ranges::sort(result);
  return result;
}

// "SERVICE" of every endpoint at an address, sorted.
std::vector<std::string> at(const Snapshot& snapshot, const std::string& ip) {
  std::vector<std::string> result;
  snapshot.endpoints_at(
      address(ip), [&](const SliceRecord& part, size_t) { result.push_back(part.service->name); });
  std::ranges::sort(result);
  return result;
}

std::vector<std::string> services_at(const Snapshot& snapshot, const std::string& ip) {
  std::vector<std::string> result;
  snapshot.services_at(address(ip),
                       [&](const ServiceRecord& record) { result.push_back(record.id->name); });
  std::ranges::sort(result);
  return result;
}

using Texts = std::vector<std::string>;

TEST_CASE("store: labels that spell an address are not kept, but for one that reads as another") {
  Store store({});
  for (const char* name : {"web", "mapped"}) store.put(Service{.key = {"ns", name}});
  store.put(slice("a", "web", {"10.0.0.1", "10.0.0.2"}));
  store.put(slice("b", "mapped", {"fd00::1", "::ffff:10.0.0.1"}));
  const auto snapshot = store.freeze(1);
  char buffer[dns::kMaxAddressLabel + 2];
  const SliceRecord& web = *snapshot->service("ns", "web")->slices[0];
  CHECK(web.labels_of.empty());
  CHECK(web.label(1, buffer) == "10-0-0-2");
  const SliceRecord& mapped = *snapshot->service("ns", "mapped")->slices[0];
  CHECK(mapped.spells_address(0));
  CHECK_FALSE(mapped.spells_address(1));
  CHECK(mapped.label(1, buffer) == "--ffff-10-0-0-1");
}

TEST_CASE("store: put and erase say what they changed") {
  Store store({});
  CHECK(store.put(Namespace{"ns"}) == Change::Added);
  CHECK(store.put(Namespace{"ns"}) == Change::None);
  CHECK(store.put(service("web", {"10.0.0.1"})) == Change::Added);
  CHECK(store.put(service("web", {"10.0.0.1"})) == Change::None);
  CHECK(store.put(service("web", {"10.0.0.2"})) == Change::Updated);
  CHECK(store.put(slice("web-1", "web", {"10.1.0.1"})) == Change::Added);
  CHECK(store.put(slice("web-1", "web", {"10.1.0.1"})) == Change::None);
  CHECK(store.put(slice("web-1", "web", {"10.1.0.1", "10.1.0.2"})) == Change::Updated);
  CHECK(store.put(slice("web-1", "web", {})) == Change::Updated);
  CHECK(store.put(Pod{{"ns", "p"}, {address("10.2.0.1")}}) == Change::Added);
  CHECK(store.put(Pod{{"ns", "p"}, {address("10.2.0.1")}}) == Change::None);
  CHECK(store.put(Pod{{"ns", "p"}, {}}) == Change::Updated);
  CHECK(store.put(Pod{{"ns", "p"}, {}}) == Change::None);
  for (const Kind kind : {Kind::Namespace, Kind::Service, Kind::EndpointSlice, Kind::Pod}) {
    CAPTURE(resource_name(kind));
    const char* name = kind == Kind::Service ? "web" : kind == Kind::EndpointSlice ? "web-1" : "p";
    const ObjectKey key = kind == Kind::Namespace ? ObjectKey{"", "ns"} : ObjectKey{"ns", name};
    CHECK(store.size(kind) == 1);
    CHECK(store.erase(kind, key) == Change::Removed);
    CHECK(store.erase(kind, key) == Change::None);
    CHECK(store.size(kind) == 0);
  }
}

TEST_CASE("store: a slice's changes in ports, host names and order of fields count as changes") {
  Store store({});
  EndpointSlice object = slice("s", "web", {"10.0.0.1"});
  store.put(object);
  object.ports.push_back({"http", "TCP", 80});
  CHECK(store.put(object) == Change::Updated);
  object.ports[0].number = 81;
  CHECK(store.put(object) == Change::Updated);
  object.endpoints[0].hostname = "a";
  CHECK(store.put(object) == Change::Updated);
  object.endpoints[0].hostname = "A";  // names are the same without regard to case
  CHECK(store.put(object) == Change::None);
  object.endpoints[0].pod_name = "p";  // not used here
  CHECK(store.put(object) == Change::None);
}

TEST_CASE(
    "store: the serial is the time of the last change, and freeze without one gives the same "
    "snapshot") {
  Store store({});
  CHECK(store.freeze(100)->serial() == 0);
  CHECK_FALSE(store.dirty());
  store.put(Namespace{"ns"});
  CHECK(store.dirty());
  const auto first = store.freeze(200);
  CHECK(first->serial() == 200);
  store.put(Namespace{"ns"});
  CHECK_FALSE(store.dirty());
  CHECK(store.freeze(300) == first);
  store.set_synced();
  CHECK(store.dirty());
  const auto synced = store.freeze(400);
  CHECK(synced->synced());
  CHECK_FALSE(first->synced());
  CHECK(synced->serial() == 200);
}

TEST_CASE("store: a snapshot stays as it was") {
  Store store({});
  store.put(Namespace{"ns"});
  store.put(headless("hl"));
  store.put(slice("s", "hl", {"10.0.0.1"}));
  const auto before = store.freeze(1);
  store.put(slice("s", "hl", {"10.0.0.2"}));
  store.erase(Kind::Namespace, {"", "ns"});
  store.put(service("hl", {"10.0.0.9"}));
  const auto after = store.freeze(2);
  CHECK(endpoints(*before, "hl") == Texts{"10.0.0.1"});
  CHECK(at(*before, "10.0.0.1") == Texts{"hl"});
  CHECK(before->has_namespace("ns"));
  CHECK(services_at(*before, "10.0.0.9").empty());
  CHECK(endpoints(*after, "hl") == Texts{"10.0.0.2"});
  CHECK(at(*after, "10.0.0.1").empty());
  CHECK_FALSE(after->has_namespace("ns"));
  CHECK(services_at(*after, "10.0.0.9") == Texts{"hl"});
}

TEST_CASE("store: a slice moves between services, and an address stands in two slices") {
  Store store({});
  store.put(headless("a"));
  store.put(headless("b"));
  store.put(slice("s1", "a", {"10.0.0.1", "10.0.0.2"}));
  store.put(slice("s2", "b", {"10.0.0.2"}));
  CHECK(at(*store.freeze(1), "10.0.0.2") == Texts{"a", "b"});
  CHECK(store.put(slice("s1", "b", {"10.0.0.1", "10.0.0.2"})) == Change::Updated);
  const auto moved = store.freeze(2);
  CHECK(endpoints(*moved, "a").empty());
  CHECK(endpoints(*moved, "b") == Texts{"10.0.0.1", "10.0.0.2", "10.0.0.2"});
  CHECK(at(*moved, "10.0.0.2") == Texts{"b", "b"});
  store.erase(Kind::EndpointSlice, {"ns", "s1"});
  const auto left = store.freeze(3);
  CHECK(endpoints(*left, "b") == Texts{"10.0.0.2"});
  CHECK(at(*left, "10.0.0.2") == Texts{"b"});
  CHECK(at(*left, "10.0.0.1").empty());
  // a slice that loses its label belongs to nobody
  CHECK(store.put(slice("s2", "", {"10.0.0.2"})) == Change::Updated);
  CHECK(endpoints(*store.freeze(4), "b").empty());
  CHECK(at(*store.freeze(5), "10.0.0.2").empty());
}

TEST_CASE("store: one slice with both families, and an address twice") {
  Store store({});
  store.put(headless("a"));
  store.put(slice("s", "a", {"10.0.0.1", "fd00::1", "10.0.0.1"}));
  const auto snapshot = store.freeze(1);
  CHECK(endpoints(*snapshot, "a") == Texts{"10.0.0.1", "10.0.0.1", "fd00::1"});
  CHECK(at(*snapshot, "fd00::1") == Texts{"a"});
  CHECK(snapshot->service("ns", "a")->may_repeat());
  store.erase(Kind::EndpointSlice, {"ns", "s"});
  CHECK(at(*store.freeze(2), "10.0.0.1").empty());
}

TEST_CASE("store: two services with one address; each leaves alone") {
  Store store({});
  store.put(service("a", {"10.0.0.1"}));
  store.put(service("b", {"10.0.0.1", "10.0.0.1"}));
  CHECK(services_at(*store.freeze(1), "10.0.0.1") == Texts{"a", "b"});
  store.erase(Kind::Service, {"ns", "b"});
  CHECK(services_at(*store.freeze(2), "10.0.0.1") == Texts{"a"});
  store.put(headless("a"));
  CHECK(services_at(*store.freeze(3), "10.0.0.1").empty());
}

TEST_CASE("store: a relist removes what it did not name and changes nothing before its end") {
  Store store({});
  store.put(headless("hl"));
  for (int i = 0; i < 50; ++i)
    store.put(slice("s" + std::to_string(i), "hl", {"10.0.0." + std::to_string(i)}));
  const Texts all = endpoints(*store.freeze(1), "hl");
  REQUIRE(all.size() == 50);
  store.begin_relist(Kind::EndpointSlice);
  for (int i = 0; i < 50; i += 2) {
    CHECK(store.put(slice("s" + std::to_string(i), "hl", {"10.0.0." + std::to_string(i)})) ==
          Change::None);
    CHECK(endpoints(*store.freeze(2), "hl") == all);
  }
  CHECK(store.end_relist(Kind::EndpointSlice) == 25);
  CHECK(endpoints(*store.freeze(3), "hl").size() == 25);
  CHECK(store.size(Kind::EndpointSlice) == 25);
  CHECK(store.end_relist(Kind::EndpointSlice) == 0);
}

TEST_CASE("store: a relist that begins again forgets what the first one saw") {
  Store store({});
  store.put(Namespace{"old"});
  store.begin_relist(Kind::Namespace);
  store.put(Namespace{"old"});
  store.begin_relist(Kind::Namespace);
  store.put(Namespace{"new"});
  CHECK(store.end_relist(Kind::Namespace) == 1);
  CHECK_FALSE(store.freeze(1)->has_namespace("old"));
  CHECK(store.freeze(1)->has_namespace("new"));
}

TEST_CASE("store: a relist of one kind leaves the others alone") {
  Store store({});
  store.put(headless("hl"));
  store.put(Namespace{"ns"});
  store.begin_relist(Kind::Pod);
  CHECK(store.end_relist(Kind::Pod) == 0);
  CHECK(store.size(Kind::Service) == 1);
  CHECK(store.freeze(1)->has_namespace("ns"));
}

TEST_CASE("store: pods with one address live and die apart") {
  Store store({});
  store.put(Pod{{"ns", "a"}, {address("10.0.0.1")}});
  store.put(Pod{{"ns", "b"}, {address("10.0.0.1")}});
  store.put(Pod{{"other", "a"}, {address("10.0.0.1")}});
  store.erase(Kind::Pod, {"ns", "a"});
  CHECK(store.freeze(1)->has_pod(address("10.0.0.1"), "ns"));
  store.erase(Kind::Pod, {"ns", "b"});
  CHECK_FALSE(store.freeze(2)->has_pod(address("10.0.0.1"), "ns"));
  CHECK(store.freeze(2)->has_pod(address("10.0.0.1"), "other"));
}

TEST_CASE("store: a pod's second address comes and goes with the first") {
  const dns::IpAddress v4 = address("10.0.0.1"), v6 = address("fd00::1");
  Store store({});
  const auto has = [&](const dns::IpAddress& ip) { return store.freeze(1)->has_pod(ip, "ns"); };
  CHECK(store.put(Pod{{"ns", "a"}, {v4, v6}}) == Change::Added);
  CHECK((has(v4) && has(v6)));
  CHECK(store.put(Pod{{"ns", "a"}, {v4, v6}}) == Change::None);
  CHECK(store.put(Pod{{"ns", "a"}, {v6}}) == Change::Updated);
  CHECK((!has(v4) && has(v6)));
  CHECK(store.put(Pod{{"ns", "a"}, {v6, v4}}) == Change::Updated);
  CHECK((has(v4) && has(v6)));
  CHECK(store.put(Pod{{"ns", "a"}, {}}) == Change::Updated);
  CHECK((!has(v4) && !has(v6)));
  CHECK(store.put(Pod{{"ns", "a"}, {}}) == Change::None);
  CHECK(store.erase(Kind::Pod, {"ns", "a"}) == Change::Removed);
}

TEST_CASE("store: of a large slice, what did not change is shared with the snapshot before") {
  std::vector<std::string> ips;
  for (int i = 0; i < 1000; ++i)
    ips.push_back("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
  Store store({});
  store.put(headless("s"));
  store.put(slice("e", "s", ips));
  const auto before = store.freeze(1);
  for (const size_t removed : {size_t{0}, size_t{500}, size_t{997}}) {
    CAPTURE(removed);
    const std::string gone = ips[removed];
    ips.erase(ips.begin() + static_cast<long>(removed));
    CHECK(store.put(slice("e", "s", ips)) == Change::Updated);
    CHECK(store.put(slice("e", "s", ips)) == Change::None);
    const auto after = store.freeze(1);
    std::vector<std::string> wanted = ips;
    std::ranges::sort(wanted);
    CHECK(endpoints(*after, "s") == wanted);
    CHECK(at(*after, gone).empty());
    CHECK(at(*after, ips[250]) == std::vector<std::string>{"s"});
    CHECK(at(*before, gone) == std::vector<std::string>{"s"});
  }
  const auto& first = before->service("ns", "s")->slices;
  const auto last = store.freeze(1);
  const auto shared = std::ranges::count_if(
      last->service("ns", "s")->slices,
      [&](const auto& part) { return std::ranges::find(first, part) != first.end(); });
  CHECK(first.size() > 6);
  CHECK(shared + 4 >= static_cast<long>(first.size()));
  CHECK(store.erase(Kind::EndpointSlice, {"ns", "e"}) == Change::Removed);
  CHECK(endpoints(*store.freeze(1), "s").empty());
  CHECK(at(*store.freeze(1), ips[250]).empty());
}

TEST_CASE("store: after any sequence of changes the indexes are those of a store filled afresh") {
  for (uint32_t seed = 0; seed < 10; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Store store({});
    std::map<std::string, EndpointSlice> slices;
    std::map<std::string, Service> services;
    for (int step = 0; step < 400; ++step) {
      const std::string name(1, static_cast<char>('a' + random() % 4));
      const std::string ip = "10.0.0." + std::to_string(random() % 6);
      switch (random() % 4) {
        case 0:
          services[name] = random() % 2 == 0 ? headless(name) : service(name, {ip});
          store.put(services[name]);
          break;
        case 1:
          services.erase(name);
          store.erase(Kind::Service, {"ns", name});
          break;
        case 2:
          slices[name] =
              slice(name, std::string(1, static_cast<char>('a' + random() % 4)), {ip, "10.0.0.7"});
          store.put(slices[name]);
          break;
        default:
          slices.erase(name);
          store.erase(Kind::EndpointSlice, {"ns", name});
      }
    }
    Store fresh({});
    for (const auto& [name, object] : services) fresh.put(object);
    for (const auto& [name, object] : slices) fresh.put(object);
    const auto left = store.freeze(1);
    const auto right = fresh.freeze(1);
    for (const std::string name : {"a", "b", "c", "d"})
      CHECK(endpoints(*left, name) == endpoints(*right, name));
    for (int i = 0; i < 8; ++i) {
      const std::string ip = "10.0.0." + std::to_string(i);
      CHECK(at(*left, ip) == at(*right, ip));
      CHECK(services_at(*left, ip) == services_at(*right, ip));
    }
  }
}

}  // namespace
}  // namespace fairlead::zones
