// A zone that is listed whole says what the zone says when it is asked name by name.
#include "zones/whole_zone.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "zones/respond.h"
#include "zones/store.h"

namespace fairlead::zones {
namespace {

using dns::RrType;

dns::Name name(const std::string& text) {
  return *dns::Name::from_text(text);
}

dns::IpAddress ip(const std::string& text) {
  return *dns::IpAddress::from_text(text);
}

struct Listed {
  std::vector<std::string> records;  // each with owner, type and rdata
  size_t calls = 0;
  size_t most = 0;  // records of one call
};

void take(const dns::Answer& answer, Listed& listed) {
  for (const dns::Record& record : answer.records()) {
    const auto rdata = answer.rdata(record);
    listed.records.push_back(dns::to_text(answer.name(record.owner, {})) + " " +
                             dns::to_text(record.type) + " " +
                             std::string(rdata.begin(), rdata.end()));
  }
}

Listed list(const ClusterZone& cluster, const SnapshotPtr& snapshot, const dns::Name& zone,
            bool compact = false) {
  WholeZone whole({cluster, nullptr, zone, compact}, snapshot);
  Listed listed;
  dns::Answer answer;
  while (whole.next(answer)) {
    ++listed.calls;
    listed.most = std::max(listed.most, answer.records().size());
    take(answer, listed);
    answer.clear();
  }
  return listed;
}

ClusterZone cluster() {
  ClusterZone out;
  for (const char* zone : {"cluster.local.", "10.in-addr.arpa."}) out.zones.push_back(name(zone));
  out.local_addresses = {ip("10.9.9.9")};
  return out;
}

// Each service has endpoints at the same addresses, two of them with one host name.
SnapshotPtr snapshot(int services, int endpoints) {
  Store store({});
  store.put(Namespace{"default"});
  for (int s = 0; s < services; ++s) {
    const std::string called = "s" + std::to_string(s);
    Service service{.key = {"default", called},
                    .type = s % 2 == 0 ? Service::Type::ClusterIp : Service::Type::Headless};
    if (s % 2 == 0)
      service.cluster_ips = {
          ip("10.96." + std::to_string(s / 250) + "." + std::to_string(s % 250))};
    service.ports = {{"http", "TCP", 80}, {"", "UDP", 53}};
    store.put(service);
    EndpointSlice slice{.key = {"default", called + "-a"}, .service_name = called};
    slice.ports = {{"http", "TCP", 8080}};
    for (int i = 0; i < endpoints; ++i) {
      Endpoint endpoint;
      endpoint.addresses = {ip("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250))};
      if (i < 2) endpoint.hostname = "twice";
      slice.endpoints.push_back(endpoint);
    }
    store.put(slice);
  }
  store.set_synced();
  return store.freeze(1'700'000'000);
}

TEST_CASE("whole zone: each record once, as the zone answers it") {
  const ClusterZone zone = cluster();
  const auto at = snapshot(10, 300);
  for (const dns::Name& origin : zone.zones) {
    const Listed listed = list(zone, at, origin);
    const std::set<std::string> once(listed.records.begin(), listed.records.end());
    CHECK(once.size() == listed.records.size());
    size_t said = 0;
    std::set<std::string> questions;
    for (const std::string& record : once)
      questions.insert(record.substr(0, record.find(' ', record.find(' ') + 1)));
    for (const std::string& text : questions) {
      dns::Query query;
      const std::string type = text.substr(text.find(' ') + 1);
      const dns::Name asked = name(text.substr(0, text.find(' ')));
      query.set_name(asked.view());
      for (const RrType one :
           {RrType::A, RrType::Aaaa, RrType::Srv, RrType::Ptr, RrType::Ns, RrType::Txt})
        if (dns::to_text(one) == type) query.qtype = one;
      dns::Answer answer;
      respond(Subject(zone, *at, query), answer);
      for (const dns::Record& record : answer.records()) {
        if (record.section != dns::Section::Answer) continue;
        const auto rdata = answer.rdata(record);
        CHECK(once.contains(text + " " + std::string(rdata.begin(), rdata.end())));
        ++said;
      }
    }
    CHECK(said == once.size());
  }
  // NS, the server's address, dns-version; five cluster IPs with A, SRV twice and _http; of ten
  // services 299 names of endpoints with 300 addresses and SRV records, and five times what the
  // headless service itself says, SRV at two names.
  const size_t endpoints = 10 * (300 + 299);
  const size_t headless = 5 * (300 + 2 * 299);
  CHECK(list(zone, at, zone.zones[0]).records.size() == 3 + 5 * 4 + endpoints + headless);
  CHECK(list(zone, at, zone.zones[1]).records.size() == 3 + 5 + 300 * 10);
}

TEST_CASE("whole zone: there is a name server, though nobody knows its address") {
  ClusterZone zone = cluster();
  zone.local_addresses.clear();
  std::vector<std::string> found;
  for (const dns::Name& origin : zone.zones) {
    for (const std::string& record : list(zone, snapshot(1, 1), origin).records)
      if (record.find(" NS ") != std::string::npos) found.push_back(record);
  }
  using namespace std::string_literals;
  CHECK(found == std::vector{"cluster.local. NS \2ns\3dns\7cluster\5local\0"s,
                             "10.in-addr.arpa. NS \2ns\3dns\00210\7in-addr\4arpa\0"s});
}

TEST_CASE("whole zone: the compact form has rules, and the namespaces that are shown") {
  ClusterZone zone = cluster();
  zone.pods = PodMode::Insecure;
  zone.denial_ttl = 3;
  zone.namespaces = {"default", "empty", "none"};
  Store store({});
  for (const char* space : {"default", "empty", "hidden"}) store.put(Namespace{space});
  store.set_synced();
  const SnapshotPtr at = store.freeze(1'700'000'000);
  using namespace std::string_literals;
  const auto only_compact = [&](const dns::Name& origin) {
    std::set<std::string> more;
    for (const std::string& record : list(zone, at, origin, true).records) more.insert(record);
    for (const std::string& record : list(zone, at, origin).records) more.erase(record);
    return more;
  };
  const std::string rules = "TYPE65280 \1\1\0\0\0\0\5\0\0\0\3"s;
  CHECK(only_compact(zone.zones[0]) == std::set{"_fairlead.cluster.local. " + rules,
                                                "default.svc.cluster.local. TYPE65281 \1"s,
                                                "empty.svc.cluster.local. TYPE65281 \1"s});
  CHECK(only_compact(zone.zones[1]) == std::set{"_fairlead.10.in-addr.arpa. " + rules});
  zone.local_addresses.clear();
  const std::string unsaid = "TYPE65280 \1\1\1\0\0\0\5\0\0\0\3"s;
  CHECK(only_compact(zone.zones[1]) == std::set{"_fairlead.10.in-addr.arpa. " + unsaid});
}

TEST_CASE("whole zone: what one call says is small") {
  const ClusterZone zone = cluster();
  const Listed listed = list(zone, snapshot(500, 20), zone.zones[0]);
  CHECK(listed.calls > 10);
  CHECK(listed.most < 1200);
}

}  // namespace
}  // namespace fairlead::zones
