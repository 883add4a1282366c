// What is written at once must be, octet for octet, what the general way makes of it.
#include "zones/direct.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/render.h"
#include "net/prng.h"
#include "zones/respond.h"
#include "zones/store.h"

namespace fairlead::zones {
namespace {

using dns::RrType;
using Random = std::mt19937;

dns::IpAddress ip(const std::string& text) {
  return *dns::IpAddress::from_text(text);
}

Service service(const std::string& name, Service::Type type, std::vector<std::string> ips = {}) {
  Service out{.key = {"default", name}, .type = type};
  for (const std::string& one : ips) out.cluster_ips.push_back(ip(one));
  out.ports = {{"http", "TCP", 80}, {"dns", "UDP", 53}, {"dns", "TCP", 53}};
  return out;
}

void add_endpoints(Store& store, const std::string& name, int count, const std::string& slice) {
  EndpointSlice out{.key = {"default", slice}, .service_name = name};
  out.ports.push_back({"http", "TCP", 80});
  for (int i = 0; i < count; ++i) {
    Endpoint endpoint;
    endpoint.addresses.push_back(
        ip("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1)));
    endpoint.zone = i % 2 == 0 ? "a" : "b";
    if (i % 3 == 0) endpoint.hostname = "host-" + std::to_string(i);
    out.endpoints.push_back(endpoint);
  }
  store.put(out);
}

std::shared_ptr<const Snapshot> snapshot() {
  Store store({});
  store.put(Namespace{"default"});
  store.put(Namespace{"dns"});
  store.put(service("web", Service::Type::ClusterIp, {"10.0.0.1"}));
  store.put(service("dual", Service::Type::ClusterIp, {"10.0.0.2", "fd00::2"}));
  store.put(service("six", Service::Type::ClusterIp, {"fd00::3"}));
  store.put(service("twice", Service::Type::ClusterIp, {"10.0.0.1"}));
  store.put(service("with.dot", Service::Type::ClusterIp, {"10.0.0.9"}));
  for (const char* name : {"one", "some", "many", "huge", "repeated", "none"})
    store.put(service(name, Service::Type::Headless));
  add_endpoints(store, "one", 1, "one-a");
  add_endpoints(store, "some", 18, "some-a");
  add_endpoints(store, "many", 70, "many-a");
  add_endpoints(store, "huge", 300, "huge-a");
  add_endpoints(store, "repeated", 3, "repeated-a");
  add_endpoints(store, "repeated", 2, "repeated-b");
  Service alias = service("alias", Service::Type::ExternalName);
  alias.external_name = "web.default.svc.cluster.local.";
  store.put(alias);
  EndpointSlice names{.key = {"default", "named-a"}, .service_name = "none"};
  names.endpoints.push_back({.names = {"outside.example."}});
  store.put(names);
  store.set_synced();
  return store.freeze(1'700'000'000);
}

ClusterZone cluster(Random& random) {
  ClusterZone out;
  for (const char* zone : {"cluster.local.", "10.in-addr.arpa.", "ip6.arpa."})
    out.zones.push_back(*dns::Name::from_text(zone));
  if (random() % 8 == 0) out.zones[0] = *dns::Name::from_text("arpa.");
  out.ttl = random() % 2 == 0 ? 5 : 3600;
  if (random() % 4 == 0) out.denial_ttl = 3;
  out.pods = random() % 2 == 0 ? PodMode::Insecure : PodMode::Disabled;
  out.zonal = random() % 2 == 0;
  out.has_fallthrough = random() % 3 == 0;
  if (random() % 2 == 0) out.fallthrough_zones.push_back(out.zones[1]);
  if (random() % 2 == 0) out.local_addresses.push_back(ip("10.1.0.1"));
  return out;
}

template <size_t kSize>
std::string one_of(const std::array<const char*, kSize>& words, Random& random) {
  return words[random() % kSize];
}

std::string reverse_name(Random& random) {
  static constexpr std::array<const char*, 9> kNames{
      "1.0.0.10.in-addr.arpa.",
      "2.0.0.10.in-addr.arpa.",
      "9.0.0.10.in-addr.arpa.",
      "1.0.1.10.in-addr.arpa.",
      "20.0.1.10.in-addr.arpa.",
      "77.7.7.10.in-addr.arpa.",
      "0.10.in-addr.arpa.",
      "10.in-addr.arpa.",
      "3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa."};
  return one_of(kNames, random);
}

std::string forward_name(Random& random, const ClusterZone& zone) {
  static constexpr std::array<const char*, 12> kServices{"web",  "dual",     "six",   "twice",
                                                         "one",  "some",     "many",  "huge",
                                                         "none", "repeated", "alias", "nobody"};
  static constexpr std::array<const char*, 12> kFronts{"",
                                                       "",
                                                       "",
                                                       "_http._tcp.",
                                                       "_dns._udp.",
                                                       "_dns.any.",
                                                       "host-0.",
                                                       "10-1-0-2.",
                                                       "hostmaster.",
                                                       "_zone.",
                                                       "a.pin._zone.",
                                                       "c.prefer._zone."};
  static constexpr std::array<const char*, 8> kOthers{"",
                                                      "dns-version.",
                                                      "ns.dns.",
                                                      "x.dns.",
                                                      "hostmaster.",
                                                      "svc.",
                                                      "default.svc.",
                                                      "www.example.com.default.svc."};
  const std::string origin = dns::to_text(zone.zones[0].view());
  if (random() % 5 == 0) return one_of(kOthers, random) + origin;
  if (random() % 6 == 0) return "10-9-8-7.default.pod." + origin;
  return one_of(kFronts, random) + one_of(kServices, random) + ".default.svc." + origin;
}

dns::Name question(Random& random, const ClusterZone& zone) {
  std::string text = random() % 3 == 0 ? reverse_name(random) : forward_name(random, zone);
  if (random() % 3 == 0) {
    for (char& c : text)
      if (c >= 'a' && c <= 'z' && random() % 2 == 0) c = static_cast<char>(c - 'a' + 'A');
  }
  return *dns::Name::from_text(text);
}

dns::Query query_about(const dns::Name& name, Random& random) {
  static constexpr std::array<RrType, 12> kTypes{
      RrType::A,   RrType::A,  RrType::Aaaa, RrType::Srv, RrType::Ptr,   RrType::Ptr,
      RrType::Txt, RrType::Ns, RrType::Soa,  RrType::Any, RrType::Cname, RrType::Axfr};
  dns::Query query;
  query.id = static_cast<uint16_t>(random());
  query.has_question = true;
  query.set_name(name.view());
  query.qtype = kTypes[random() % kTypes.size()];
  query.recursion_desired = random() % 2 == 0;
  query.checking_disabled = random() % 4 == 0;
  query.transport = random() % 4 == 0 ? dns::Transport::Tcp : dns::Transport::Udp;
  query.has_edns = random() % 2 == 0;
  query.edns.udp_size = static_cast<uint16_t>(random() % 2 == 0 ? 1232 : 400);
  query.edns.dnssec_ok = random() % 3 == 0;
  query.edns.tcp_keepalive = query.transport == dns::Transport::Tcp && random() % 2 == 0;
  return query;
}

// As the loadbalance directive does it; such answers have one RRset that is shuffled.
void shuffle(dns::Answer& answer, uint64_t seed) {
  const auto records = answer.records();
  if (seed == 0 || records.size() < 2 || records[0].type == RrType::Srv) return;
  net::Prng prng(seed);
  for (size_t left = records.size(); left > 1; --left)
    std::swap(records[left - 1], records[prng.below(static_cast<uint32_t>(left))]);
}

}  // namespace

TEST_CASE("direct: the octets of the general way, or left to it") {
  Random random(7);
  const auto shared = snapshot();
  std::array<size_t, 3> outcomes{};
  std::vector<uint8_t> direct(dns::kMaxTcpReply);
  std::vector<uint8_t> general(dns::kMaxTcpReply);
  for (int i = 0; i < 40'000; ++i) {
    const ClusterZone zone = cluster(random);
    const dns::Name name = question(random, zone);
    const dns::Query query = query_about(name, random);
    const uint64_t seed = random() % 2 == 0 ? 0 : random() | 1U;
    const Subject subject(zone, *shared, query);
    const Direct said = write_reply(subject, seed, direct);
    ++outcomes[static_cast<size_t>(said.outcome)];
    if (said.outcome == Direct::Outcome::Left) continue;
    dns::Answer answer;
    const Response response = respond(subject, answer);
    const std::string asked = dns::to_text(name.view()) + " " + dns::to_text(query.qtype);
    CAPTURE(asked);
    if (said.outcome == Direct::Outcome::FallThrough) {
      CHECK(response.outcome == Outcome::FallThrough);
      continue;
    }
    REQUIRE(response.outcome == Outcome::Answered);
    shuffle(answer, seed);
    const size_t size = dns::render(query, answer, general);
    CHECK(said.rcode == answer.rcode);
    REQUIRE(said.size == size);
    CHECK(std::equal(direct.begin(), direct.begin() + static_cast<std::ptrdiff_t>(size),
                     general.begin()));
  }
  // Most are simple; some are not, or the test would not see what must be left.
  CHECK(outcomes[static_cast<size_t>(Direct::Outcome::Written)] > 15'000);
  CHECK(outcomes[static_cast<size_t>(Direct::Outcome::Left)] > 2'000);
  CHECK(outcomes[static_cast<size_t>(Direct::Outcome::FallThrough)] > 500);
}

TEST_CASE("direct: nothing is said of a cluster that has not been read") {
  Store store({});
  const auto unread = store.freeze(1);
  Random random(1);
  std::vector<uint8_t> out(dns::kMaxTcpReply);
  for (int i = 0; i < 100; ++i) {
    const ClusterZone zone = cluster(random);
    const dns::Name name = question(random, zone);
    const dns::Query query = query_about(name, random);
    const Direct said = write_reply({zone, *unread, query}, 0, out);
    CHECK(said.outcome == Direct::Outcome::Left);
  }
}

}  // namespace fairlead::zones
