// What the parts of one answer cost, without sockets: parse, the cluster zone's answer, rendering,
// a hit in the cache, acl's decision about a client; and what one change of the cluster costs, from
// the object to the new snapshot, in clusters of several sizes.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/cache.h"
#include "dns/parse.h"
#include "dns/render.h"
#include "zones/respond.h"
#include "zones/store.h"

namespace fairlead {
namespace {

constexpr size_t kServices = 8000;
constexpr size_t kEndpoints = 18;  // of each service
constexpr size_t kPerNamespace = 100;

dns::IpAddress address(uint8_t net, size_t number) {
  const auto text = std::to_string(net) + "." + std::to_string(number / 65536 % 256) + "." +
                    std::to_string(number / 256 % 256) + "." + std::to_string(number % 256);
  return dns::IpAddress::from_text(text).value_or(dns::IpAddress());
}

std::string namespace_of(size_t i) {
  return "team-" + std::to_string(i / kPerNamespace);
}

bool is_headless(size_t i) {
  return i % 10 == 9;
}

zones::Service make_service(size_t i) {
  zones::Service service{.key = {namespace_of(i), "svc-" + std::to_string(i)}};
  service.ports = {{"http", "TCP", 80}, {"metrics", "TCP", 9090}};
  if (is_headless(i)) {
    service.type = zones::Service::Type::Headless;
  } else {
    service.cluster_ips = {address(11, i)};
  }
  return service;
}

zones::EndpointSlice make_slice(size_t i, size_t endpoints = kEndpoints) {
  zones::EndpointSlice slice{.key = {namespace_of(i), "svc-" + std::to_string(i) + "-abcde"}};
  slice.service_name = "svc-" + std::to_string(i);
  slice.ports = {{"http", "TCP", 8080}, {"metrics", "TCP", 9090}};
  for (size_t e = 0; e < endpoints; ++e)
    slice.endpoints.push_back({.addresses = {address(10, i * kEndpoints + e)}});
  return slice;
}

// A cluster of the benchmarks.
struct Cluster {
  zones::Store store{zones::StoreOptions{}};
  zones::ClusterZone zone;
  std::shared_ptr<const zones::Snapshot> snapshot;

  explicit Cluster(size_t services) {
    for (size_t i = 0; i < services; ++i) {
      if (i % kPerNamespace == 0) store.put(zones::Namespace{namespace_of(i)});
      store.put(make_service(i));
      store.put(make_slice(i));
    }
    store.set_synced();
    snapshot = store.freeze(1);
    for (const char* text : {"cluster.local.", "in-addr.arpa."}) {
      zone.zones.push_back(dns::Name::from_text(text).value_or(dns::Name()));
    }
  }
};

// Each is made once, and outside of what is measured.
Cluster& cluster(size_t services = kServices) {
  static std::map<size_t, std::unique_ptr<Cluster>> made;
  std::unique_ptr<Cluster>& place = made[services];
  if (place == nullptr) place = std::make_unique<Cluster>(services);
  return *place;
}

std::vector<uint8_t> packet(std::string_view name, dns::RrType type) {
  std::vector<uint8_t> wire{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  const dns::Name qname = dns::Name::from_text(name).value_or(dns::Name());
  wire.insert(wire.end(), qname.view().begin(), qname.view().end());
  const auto number = static_cast<uint16_t>(type);
  wire.insert(wire.end(), {static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number), 0, 1});
  return wire;
}

struct Question {
  const char* what;
  const char* name;
  dns::RrType type;
};

constexpr std::array<Question, 6> kQuestions{{
    {"A", "svc-4711.team-47.svc.cluster.local.", dns::RrType::A},
    {"AAAA NODATA", "svc-4711.team-47.svc.cluster.local.", dns::RrType::Aaaa},
    {"NXDOMAIN", "www.example.com.team-47.svc.cluster.local.", dns::RrType::A},
    {"SRV", "_http._tcp.svc-4711.team-47.svc.cluster.local.", dns::RrType::Srv},
    {"PTR", "5.74.1.10.in-addr.arpa.", dns::RrType::Ptr},
    {"headless A", "svc-4709.team-47.svc.cluster.local.", dns::RrType::A},
}};

const Question& question_of(benchmark::State& state) {
  const Question& question = kQuestions[static_cast<size_t>(state.range(0))];
  state.SetLabel(question.what);
  return question;
}

void parse(benchmark::State& state) {
  const Question& question = question_of(state);
  const auto wire = packet(question.name, question.type);
  dns::Query query;
  for (auto _ : state) benchmark::DoNotOptimize(dns::parse_query(wire, dns::Transport::Udp, query));
}
BENCHMARK(parse)->DenseRange(0, kQuestions.size() - 1);

void respond(benchmark::State& state) {
  const Question& question = question_of(state);
  const auto wire = packet(question.name, question.type);
  dns::Query query;
  dns::Answer answer;
  dns::parse_query(wire, dns::Transport::Udp, query);
  cluster();  // made outside of what is measured
  for (auto _ : state) {
    answer.clear();
    benchmark::DoNotOptimize(zones::respond({cluster().zone, *cluster().snapshot, query}, answer));
  }
}
BENCHMARK(respond)->DenseRange(0, kQuestions.size() - 1);

void render(benchmark::State& state) {
  const Question& question = question_of(state);
  const auto wire = packet(question.name, question.type);
  dns::Query query;
  dns::Answer answer;
  dns::parse_query(wire, dns::Transport::Udp, query);
  zones::respond({cluster().zone, *cluster().snapshot, query}, answer);
  std::array<uint8_t, dns::kMaxUdpReply> out;
  for (auto _ : state) benchmark::DoNotOptimize(dns::render(query, answer, out));
}
BENCHMARK(render)->DenseRange(0, kQuestions.size() - 1);

void cache_hit(benchmark::State& state) {
  cache::Settings settings;
  settings.zones.push_back(dns::Name::from_text(".").value_or(dns::Name()));
  cache::Cache cache(settings);
  const auto wire = packet("www.example.com.", dns::RrType::A);
  dns::Query query;
  dns::parse_query(wire, dns::Transport::Udp, query);
  dns::Answer answer;
  const auto name = dns::Name::from_text("www.example.com.").value_or(dns::Name());
  answer.add_address(dns::Section::Answer, answer.add_name(name.view()), 3600, address(10, 1));
  cache.store(query, std::chrono::seconds(1), answer);
  std::array<uint8_t, dns::kMaxUdpReply> out;
  for (auto _ : state) benchmark::DoNotOptimize(cache.find(query, std::chrono::seconds(2), 0, out));
}
BENCHMARK(cache_hit);

// Networks of several sizes, and clients of which every other one lies in one of them.
void acl_networks(benchmark::State& state) {
  std::vector<corefile::Subnet> networks;
  const auto count = static_cast<size_t>(state.range(0));
  for (size_t i = 0; i < count; ++i) {
    const auto text = "10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/" +
                      std::to_string(24 + i % 6);
    corefile::parse_subnet(text, networks.emplace_back());
  }
  const net::NetworkSet set(networks);
  std::array<dns::IpAddress, 4096> clients;  // in no order that a processor could learn
  for (size_t i = 0; i < clients.size(); ++i)
    clients[i] = address(i % 2 == 0 ? 10 : 11, i * 2654435761 % count * 256);
  size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(set.contains(clients[at++ % clients.size()]));
}
BENCHMARK(acl_networks)->Arg(1)->Arg(1000);

// A readers' snapshot is held meanwhile, as workers do.
template <typename Object>
void put(benchmark::State& state, Cluster& in, const Object& object) {
  in.store.put(object);
  benchmark::DoNotOptimize(in.snapshot =
                               in.store.freeze(static_cast<uint32_t>(state.iterations())));
}

// A service's port changes; each change becomes a snapshot.
void change_service(benchmark::State& state) {
  Cluster& in = cluster(static_cast<size_t>(state.range(0)));
  zones::Service service = make_service(471);
  for (auto _ : state) {
    service.ports[0].number ^= 1;
    put(state, in, service);
  }
}
BENCHMARK(change_service)->Arg(1000)->Arg(10'000)->Arg(100'000);

// A slice loses and gains an endpoint in its middle.
void change_slice(benchmark::State& state) {
  Cluster& in = cluster(static_cast<size_t>(state.range(0)));
  const auto endpoints = static_cast<size_t>(state.range(1));
  zones::EndpointSlice all = make_slice(471, endpoints);
  // Not the addresses of others.
  for (size_t e = 0; e < endpoints; ++e) all.endpoints[e].addresses = {address(12, e)};
  zones::EndpointSlice fewer = all;
  fewer.endpoints.erase(fewer.endpoints.begin() + static_cast<long>(endpoints / 2));
  bool full = false;
  for (auto _ : state) put(state, in, (full = !full) ? all : fewer);
}
BENCHMARK(change_slice)
    ->ArgNames({"services", "endpoints"})
    ->ArgsProduct({{1000, 10'000, 100'000}, {18, 100, 1000}});

}  // namespace
}  // namespace fairlead

BENCHMARK_MAIN();
