// Neither a cluster answer nor one from the cache allocates once a worker's buffers have grown.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cache/cache.h"
#include "dns/parse.h"
#include "dns/render.h"
#include "test/scenarios/wire.h"
#include "test/unit/count_allocations.h"
#include "zones/respond.h"
#include "zones/store.h"

namespace fairlead::zones {
namespace {

dns::IpAddress address(const std::string& text) {
  return *dns::IpAddress::from_text(text);
}

std::shared_ptr<const Snapshot> cluster() {
  Store store({});
  store.put(Namespace{"default"});
  Service web{.key = {"default", "web"},
              .cluster_ips = {address("10.96.0.7"), address("fd00::7")},
              .ports = {{"http", "TCP", 80}, {"dns", "UDP", 53}}};
  store.put(web);
  store.put(Service{.key = {"default", "hl"}, .type = Service::Type::Headless});
  store.put(Service{.key = {"default", "ext"},
                    .type = Service::Type::ExternalName,
                    .external_name = "web.default.svc.cluster.local"});
  for (int part = 0; part < 2; ++part) {
    EndpointSlice slice{.key = {"default", "hl-" + std::to_string(part)},
                        .service_name = "hl",
                        .ports = {{"http", "TCP", 80}}};
    for (int i = 0; i < 9; ++i) {
      slice.endpoints.push_back(
          {.addresses = {address("10.0." + std::to_string(part) + "." + std::to_string(i))},
           .hostname = i % 2 == 0 ? "h" + std::to_string(part * 9 + i) : ""});
    }
    store.put(slice);
  }
  store.set_synced();
  return store.freeze(1);
}

ClusterZone zone() {
  ClusterZone result;
  for (const char* text : {"cluster.local", "in-addr.arpa"})
    result.zones.push_back(*dns::Name::from_text(text));
  result.pods = PodMode::Insecure;
  result.local_addresses = {address("10.0.0.1")};
  return result;
}

// One worker's path from packet to reply.
struct Worker {
  dns::Query query;
  dns::Answer answer;
  std::vector<uint8_t> out = std::vector<uint8_t>(dns::kMaxTcpReply);

  size_t reply(const ClusterZone& cluster_zone, const Snapshot& snapshot,
               std::span<const uint8_t> packet) {
    if (dns::parse_query(packet, dns::Transport::Udp, query).verdict != dns::Verdict::Answer)
      return 0;
    answer.clear();
    respond(cluster_zone, snapshot, query, answer);
    return dns::render(query, answer, out);
  }
};

TEST_CASE("allocations: none in a cluster answer, from packet to reply") {
  const auto snapshot = cluster();
  const ClusterZone cluster_zone = zone();
  const char* lines[] = {
      "web.default.svc.cluster.local. A",
      "web.default.svc.cluster.local. AAAA edns=1232",
      "web.default.svc.cluster.local. SRV edns=1232",
      "_http._tcp.web.default.svc.cluster.local. SRV",
      "web.default.svc.cluster.local. TXT",
      "gone.default.svc.cluster.local. A",
      "www.example.com.default.svc.cluster.local. A",
      "hl.default.svc.cluster.local. A",
      "hl.default.svc.cluster.local. SRV edns=1232",
      "h2.hl.default.svc.cluster.local. A",
      "10-0-0-1.hl.default.svc.cluster.local. A",
      "ext.default.svc.cluster.local. A",
      "10-1-2-3.default.pod.cluster.local. A",
      "7.0.96.10.in-addr.arpa. PTR",
      "1.0.0.10.in-addr.arpa. PTR",
      "9.9.9.10.in-addr.arpa. PTR",
      "cluster.local. NS",
      "cluster.local. SOA",
      "dns-version.cluster.local. TXT",
  };
  Worker worker;
  std::vector<scenarios::Octets> packets;
  for (const char* line : lines)
    packets.push_back(scenarios::encode(scenarios::parse_question(line)));
  for (const auto& packet : packets) worker.reply(cluster_zone, *snapshot, packet);
  for (size_t i = 0; i < packets.size(); ++i) {
    const size_t before = allocations;
    const size_t size = worker.reply(cluster_zone, *snapshot, packets[i]);
    const size_t after = allocations;
    CAPTURE(lines[i]);
    CHECK(size > 12);
    CHECK(after == before);
  }
}

// What the cache holds for the questions below.
void fill(cache::Cache& cache, cache::Now now) {
  struct Kept {
    const char* line;
    int addresses;
  };
  for (const Kept kept :
       {Kept{"www.example. A", 2}, Kept{"big.example. A", 90}, Kept{"gone.example. A", 0}}) {
    const auto packet = scenarios::encode(scenarios::parse_question(kept.line));
    dns::Query query;
    REQUIRE(dns::parse_query(packet, dns::Transport::Udp, query).verdict == dns::Verdict::Answer);
    dns::Answer answer;
    for (int i = 0; i < kept.addresses; ++i) {
      answer.add_address(dns::Section::Answer, dns::kQname, 60,
                         address("192.0.2." + std::to_string(i)));
    }
    if (kept.addresses == 0) {
      answer.rcode = dns::Rcode::NxDomain;
      const dns::NameRef zone = answer.add_name(dns::Name::from_text("example")->view());
      answer.add_soa(dns::Section::Authority, zone, 60, {zone, zone, 1, 2, 3, 4, 60});
    }
    REQUIRE(cache.store(query, now, answer) == cache::StoreResult::Kept);
  }
}

TEST_CASE("allocations: none in a hit of the cache, whole or cut") {
  const cache::Now now = std::chrono::hours(1);
  cache::Settings settings;
  settings.zones.emplace_back();
  settings.prefetch_amount = 1;
  cache::Cache cache(settings);
  fill(cache, now);
  const char* lines[] = {"www.example. A", "WWW.example. A edns=1232", "big.example. A",
                         "big.example. A edns=1232", "gone.example. AAAA"};
  std::vector<uint8_t> out(dns::kMaxUdpReply);
  for (const bool warm : {false, true}) {
    for (const char* line : lines) {
      const auto packet = scenarios::encode(scenarios::parse_question(line));
      dns::Query query;
      const size_t before = allocations;
      dns::parse_query(packet, dns::Transport::Udp, query);
      const cache::Found found = cache.find(query, now, 77, out);
      const size_t after = allocations;
      CAPTURE(line);
      CHECK(found.state == cache::Found::State::Fresh);
      CHECK(found.size > 12);
      if (warm) CHECK(after == before);
    }
  }
}

TEST_CASE("allocations: the counter counts") {
  const size_t before = allocations;
  auto* number = new int(1);
  const size_t after = allocations;
  delete number;
  CHECK(after > before);
}

}  // namespace
}  // namespace fairlead::zones
