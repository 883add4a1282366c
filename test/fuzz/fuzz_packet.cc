// A packet, answered as a worker would: parse, respond from a small cluster, render. The first
// octet chooses the transport.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "dns/parse.h"
#include "dns/render.h"
#include "test/scenarios/wire.h"
#include "zones/direct.h"
#include "zones/respond.h"
#include "zones/store.h"

namespace {

using namespace fairlead;

dns::IpAddress address(const char* text) {
  return *dns::IpAddress::from_text(text);
}

std::shared_ptr<const zones::Snapshot> cluster() {
  using zones::Service;
  zones::Store store({});
  store.put(zones::Namespace{"default"});
  store.put(Service{.key = {"default", "web"},
                    .cluster_ips = {address("10.96.0.7"), address("fd00::7")},
                    .ports = {{"http", "TCP", 80}}});
  store.put(Service{.key = {"default", "hl"}, .type = Service::Type::Headless});
  store.put(Service{.key = {"default", "ext"},
                    .type = Service::Type::ExternalName,
                    .external_name = "web.default.svc.c.l"});
  zones::EndpointSlice slice{
      .key = {"default", "s"}, .service_name = "hl", .ports = {{"http", "TCP", 80}}};
  for (uint8_t i = 0; i < 60; ++i) {
    const uint8_t octets[] = {10, 0, 0, i};
    slice.endpoints.push_back({.addresses = {dns::IpAddress(octets)}});
  }
  store.put(slice);
  store.set_synced();
  return store.freeze(1);
}

zones::ClusterZone zone() {
  zones::ClusterZone result;
  for (const char* text : {"c.l", "in-addr.arpa", "ip6.arpa"})
    result.zones.push_back(*dns::Name::from_text(text));
  result.pods = zones::PodMode::Insecure;
  result.local_addresses = {address("10.0.0.1")};
  return result;
}

void demand(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto snapshot = cluster();
  static const zones::ClusterZone cluster_zone = zone();
  static std::vector<uint8_t> out(dns::kMaxTcpReply);
  static std::vector<uint8_t> at_once(dns::kMaxTcpReply);
  static dns::Query query;
  static dns::Answer answer;
  if (size == 0) return 0;
  // On the heap and of its own size, so that a sanitizer sees every octet too far.
  const std::vector<uint8_t> packet(data + 1, data + size);
  const auto transport = data[0] % 2 == 0 ? dns::Transport::Udp : dns::Transport::Tcp;
  const dns::Parsed parsed = dns::parse_query(packet, transport, query);
  if (parsed.verdict == dns::Verdict::Drop) return 0;
  if (parsed.verdict == dns::Verdict::Notify) return 0;  // no step sees it
  size_t written = 0;
  if (parsed.verdict == dns::Verdict::Refuse) {
    written = dns::render_refusal(query, parsed.rcode, out);
  } else {
    answer.clear();
    const zones::Subject subject(cluster_zone, *snapshot, query);
    zones::respond(subject, answer);
    written = dns::render(query, answer, out);
    const zones::Direct direct = zones::write_reply(subject, 0, at_once);
    const bool same =
        direct.size == written &&
        std::equal(out.begin(), out.begin() + static_cast<ptrdiff_t>(written), at_once.begin());
    demand(direct.outcome != zones::Direct::Outcome::Written || same,
           "what is written at once is the same");
  }
  demand(written >= 12 && written <= dns::reply_limit(query), "the reply's size");
  const auto reply = scenarios::decode(std::span(out).first(written));
  demand(reply.has_value(), "the reply can be read");
  demand(reply->id == (packet[0] << 8 | packet[1]) && (reply->flags & 0x8000) != 0,
         "the reply's head");
  demand(reply->edns.has_value() == query.has_edns, "OPT answers OPT");
  demand(reply->question.size() == (query.has_question ? 1U : 0U), "the question comes back");
  return 0;
}
