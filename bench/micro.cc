// What the parts of one answer cost, without sockets: parse, the cluster zone's answer, rendering,
// one change of the cluster.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

zones::EndpointSlice make_slice(size_t i) {
  zones::EndpointSlice slice{.key = {namespace_of(i), "svc-" + std::to_string(i) + "-abcde"}};
  slice.service_name = "svc-" + std::to_string(i);
  slice.ports = {{"http", "TCP", 8080}, {"metrics", "TCP", 9090}};
  for (size_t e = 0; e < kEndpoints; ++e)
    slice.endpoints.push_back({.addresses = {address(10, i * kEndpoints + e)}});
  return slice;
}

// The cluster of the benchmarks: made once.
struct Cluster {
  zones::Store store{zones::StoreOptions{}};
  zones::ClusterZone zone;
  std::shared_ptr<const zones::Snapshot> snapshot;

  Cluster() {
    for (size_t i = 0; i < kServices; ++i) {
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

Cluster& cluster() {
  static Cluster made;
  return made;
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
    benchmark::DoNotOptimize(zones::respond(cluster().zone, *cluster().snapshot, query, answer));
  }
}
BENCHMARK(respond)->DenseRange(0, kQuestions.size() - 1);

void render(benchmark::State& state) {
  const Question& question = question_of(state);
  const auto wire = packet(question.name, question.type);
  dns::Query query;
  dns::Answer answer;
  dns::parse_query(wire, dns::Transport::Udp, query);
  zones::respond(cluster().zone, *cluster().snapshot, query, answer);
  std::array<uint8_t, dns::kMaxUdpReply> out;
  for (auto _ : state) benchmark::DoNotOptimize(dns::render(query, answer, out));
}
BENCHMARK(render)->DenseRange(0, kQuestions.size() - 1);

// One slice loses and gains an endpoint; each change becomes a snapshot.
void change(benchmark::State& state) {
  zones::EndpointSlice slice = make_slice(4711);
  const zones::Endpoint last = slice.endpoints.back();
  uint32_t now = 2;
  for (auto _ : state) {
    if (slice.endpoints.size() == kEndpoints) {
      slice.endpoints.pop_back();
    } else {
      slice.endpoints.push_back(last);
    }
    cluster().store.put(slice);
    benchmark::DoNotOptimize(cluster().snapshot = cluster().store.freeze(++now));
  }
}
BENCHMARK(change);

}  // namespace
}  // namespace fairlead

BENCHMARK_MAIN();
