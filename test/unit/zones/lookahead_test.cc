#include "zones/lookahead.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "zones/lookahead.cc"  // its bodies, for another way to ask for memory
#include "zones/store.h"

namespace fairlead::zones {
namespace {

struct Asked {
  const char* address;
  int step;  // 0: by begin()
};
std::vector<Asked> asked;
int current_step = 0;

struct WriteDown {
  void operator()(const void* at) const {
    if (at != nullptr) asked.push_back({static_cast<const char*>(at), current_step});
  }
};

ClusterZone cluster() {
  ClusterZone out;
  for (const char* zone : {"cluster.local.", "10.in-addr.arpa."})
    out.zones.push_back(*dns::Name::from_text(zone));
  return out;
}

dns::IpAddress ip(const std::string& text) {
  return *dns::IpAddress::from_text(text);
}

void walk(const Snapshot& snapshot, const char* qname) {
  const ClusterZone zone = cluster();
  const dns::Name name = *dns::Name::from_text(qname);
  dns::Query query;
  query.set_name(name.view());
  asked.clear();
  current_step = 0;
  LookaheadIn<WriteDown> lookahead;
  lookahead.begin(zone, snapshot, query);
  for (current_step = 1; current_step <= lookahead.kSteps; ++current_step)
    lookahead.step(current_step);
}

/// Memory that an answer is made from, and the step that is to ask for it: the one after that in
/// which the way to it was asked for.
struct Memory {
  const char* begin;
  size_t size;
  int step;

  [[nodiscard]] bool holds(const Asked& one) const {
    return one.address >= begin && one.address < begin + size;
  }
};

template <typename T>
Memory memory(const T* objects, int step, size_t count = 1) {
  return {reinterpret_cast<const char*>(objects), count * sizeof(T), step};
}

/// Every cache line of `wanted` was asked for, in its step and by one of its own addresses.
bool was_asked_for(const Memory& wanted) {
  constexpr uintptr_t kLine = 64;
  const auto begin = reinterpret_cast<uintptr_t>(wanted.begin);
  for (uintptr_t line = begin / kLine; line <= (begin + wanted.size - 1) / kLine; ++line) {
    const bool found = std::ranges::any_of(asked, [&](const Asked& one) {
      return wanted.holds(one) && one.step == wanted.step &&
             reinterpret_cast<uintptr_t>(one.address) / kLine == line;
    });
    if (!found) return false;
  }
  return true;
}

/// How many requests were for none of `wanted`.
size_t others(const std::vector<Memory>& wanted) {
  return static_cast<size_t>(std::ranges::count_if(asked, [&](const Asked& one) {
    return std::ranges::none_of(wanted, [&](const Memory& memory) { return memory.holds(one); });
  }));
}

// Requests that go to the tables and to the namespace's name, which nobody outside can point to:
// the place of a block, the block, and a slot of the services; two ends of a name.
constexpr size_t kOnTheWayToService = 3 + 2 + 2;
constexpr size_t kOnTheWayToAddress = 3 + 3;  // among cluster IPs, and among endpoints

/// Namespace ns: web with a cluster IP, hl and many without, empty without endpoints, away an
/// alias.
std::shared_ptr<const Snapshot> sample(Store& store) {
  store.put(Namespace{"ns"});
  Service web{.key = {"ns", "web"}};
  web.cluster_ips.push_back(ip("10.0.0.1"));
  web.ports.push_back({.name = "http", .protocol = "TCP", .number = 80});
  store.put(web);
  for (const char* name : {"hl", "many", "empty"})
    store.put(Service{.key = {"ns", name}, .type = Service::Type::Headless});
  store.put(Service{
      .key = {"ns", "away"}, .type = Service::Type::ExternalName, .external_name = "x.test"});
  EndpointSlice slice{.key = {"ns", "hl-1"}, .service_name = "hl"};
  slice.endpoints.push_back({.addresses = {ip("10.1.0.1")}, .hostname = "first"});
  slice.endpoints.push_back({.addresses = {ip("10.1.0.2")}});
  store.put(slice);
  EndpointSlice many{.key = {"ns", "many-1"}, .service_name = "many"};
  for (int i = 1; i <= 100; ++i)
    many.endpoints.push_back({.addresses = {ip("10.2.0." + std::to_string(i))}});
  store.put(many);
  return store.freeze(1);
}

TEST_CASE("lookahead: a service's record and name, whatever type is asked for") {
  Store store({});
  const auto snapshot = sample(store);
  const ServiceRecord* web = snapshot->service("ns", "web");
  REQUIRE(web != nullptr);
  // The address lies in the record; ports are of all that have such ones, and are at hand.
  const Memory record = memory(web, 3);
  CHECK(record.holds({reinterpret_cast<const char*>(web->cluster_ips.data()), 3}));
  for (const char* name : {"web.ns.svc.cluster.local.", "_http._tcp.web.ns.svc.cluster.local.",
                           "_tcp.web.ns.svc.cluster.local."}) {
    CAPTURE(name);
    walk(*snapshot, name);
    CHECK(was_asked_for(record));
    CHECK(was_asked_for(memory(web->id.get(), 4)));
    CHECK(others({record, memory(web->id.get(), 4)}) == kOnTheWayToService);
  }
}

TEST_CASE("lookahead: a headless service's slice and endpoints") {
  Store store({});
  const auto snapshot = sample(store);
  for (const char* service : {"hl", "many"}) {
    CAPTURE(service);
    const ServiceRecord* record = snapshot->service("ns", service);
    REQUIRE(record != nullptr);
    REQUIRE(record->slices.size() == 1);
    const SliceRecord* slice = record->slices[0].get();
    const size_t most = std::min<size_t>(slice->addresses.size(), 384);
    const std::vector<Memory> wanted{memory(record, 3), memory(record->id.get(), 4),
                                     memory(record->slices.data(), 4), memory(slice, 5),
                                     memory(slice->addresses.data(), 6, most)};
    for (const std::string prefix : {"", "10-2-0-1.", "_http._tcp."}) {
      CAPTURE(prefix);
      walk(*snapshot, (prefix + service + ".ns.svc.cluster.local.").c_str());
      for (const Memory& one : wanted) CHECK(was_asked_for(one));
      CHECK(others(wanted) == kOnTheWayToService);
    }
  }
}

TEST_CASE("lookahead: a service without endpoints, and an alias") {
  Store store({});
  const auto snapshot = sample(store);
  for (const char* service : {"empty", "away"}) {
    CAPTURE(service);
    const ServiceRecord* record = snapshot->service("ns", service);
    REQUIRE(record != nullptr);
    walk(*snapshot, (std::string(service) + ".ns.svc.cluster.local.").c_str());
    CHECK(was_asked_for(memory(record, 3)));
    CHECK(was_asked_for(memory(record->id.get(), 4)));
    CHECK(others({memory(record, 3), memory(record->id.get(), 4)}) == kOnTheWayToService);
  }
}

TEST_CASE("lookahead: an endpoint's address, its slice and service, and the label it has") {
  Store store({});
  const auto snapshot = sample(store);
  const SliceRecord* slice = snapshot->service("ns", "hl")->slices[0].get();
  for (size_t i = 0; i < 2; ++i) {
    CAPTURE(i);
    std::vector<Memory> wanted{memory(slice, 3), memory(slice->service.get(), 4),
                               memory(slice->octets(i).data(), 4, 4)};
    REQUIRE(slice->spells_address(i) == (i == 1));
    if (i == 0) wanted.push_back(memory(slice->labels.data() + slice->labels_of[i].at, 5));
    walk(*snapshot, i == 0 ? "1.0.1.10.in-addr.arpa." : "2.0.1.10.in-addr.arpa.");
    for (const Memory& one : wanted) CHECK(was_asked_for(one));
    CHECK(others(wanted) >= 3);
    CHECK(others(wanted) <= kOnTheWayToAddress);
  }
}

TEST_CASE("lookahead: of what does not exist, no more than the way to it") {
  Store store({});
  const auto snapshot = sample(store);
  for (const char* name : {"none.ns.svc.cluster.local.", "web.nowhere.svc.cluster.local.",
                           "9.9.9.10.in-addr.arpa.", "1.0.0.10.in-addr.arpa."}) {
    CAPTURE(name);
    walk(*snapshot, name);
    CHECK(asked.size() <= kOnTheWayToService);
  }
  for (const char* name :
       {"ns.svc.cluster.local.", "svc.cluster.local.", "cluster.local.", "local.", ".",
        "1-2-3-4.ns.pod.cluster.local.", "x.10.in-addr.arpa.", "10.in-addr.arpa.", "arpa."}) {
    CAPTURE(name);
    walk(*snapshot, name);
    CHECK(asked.empty());
  }
}

TEST_CASE("lookahead: tables without a root") {
  Store store({});
  const auto snapshot = store.freeze(1);
  for (const char* name : {"web.ns.svc.cluster.local.", "1.0.1.10.in-addr.arpa."}) {
    walk(*snapshot, name);
    CHECK(asked.empty());
  }
}

TEST_CASE("lookahead: a snapshot that has gone on since is still read whole") {
  Store store({});
  const auto before = sample(store);
  store.erase(Kind::Service, {"ns", "web"});
  const auto after = store.freeze(2);
  CHECK(after->service("ns", "web") == nullptr);
  const ServiceRecord* web = before->service("ns", "web");
  REQUIRE(web != nullptr);
  walk(*before, "web.ns.svc.cluster.local.");
  CHECK(was_asked_for(memory(web, 3)));
  walk(*after, "web.ns.svc.cluster.local.");
  CHECK(asked.size() <= kOnTheWayToService);
}

}  // namespace
}  // namespace fairlead::zones
