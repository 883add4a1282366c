#include "query/lookahead.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "test/unit/support/cluster_block.h"
#include "test/unit/support/packet.h"
#include "test/unit/support/small_cluster.h"

namespace fairlead::query {

using namespace test;

namespace {

Octets query_packet(const std::string& qname) {
  return Packet().question(qname, 1).octets();
}

struct Fixture {
  Fixture() {
    place->publish(small_cluster());
    board.read(live);
  }

  net::Request request(const Octets& packet) const {
    net::Request out;
    out.listener = 1;
    out.packet = packet;
    return out;
  }

  LiveBoard board;
  std::unique_ptr<LiveBoard::Place<zones::Snapshot>> place = board.place<zones::Snapshot>();
  std::shared_ptr<Routing> routing = cluster_routing(1, {"cluster.local."}, place->at());
  Live live;
  QueryLookahead ahead;
};

TEST_CASE("lookahead: requests are taken in their order, each with its own query") {
  Fixture f;
  const std::vector<Octets> packets{query_packet("web.default.svc.cluster.local."), Octets{1, 2, 3},
                                    query_packet("many.default.svc.cluster.local."),
                                    query_packet("nobody.elsewhere."),
                                    query_packet("gone.nowhere.svc.cluster.local.")};
  std::vector<net::Request> requests;
  for (const Octets& packet : packets) requests.push_back(f.request(packet));
  f.ahead.read(requests, *f.routing, f.live);
  for (size_t i = 0; i < packets.size(); ++i) {
    QueryLookahead::Entry* entry = f.ahead.take(requests[i]);
    REQUIRE(entry != nullptr);
    const bool readable = i != 1;
    CHECK((entry->parsed.verdict == dns::Verdict::Answer) == readable);
    if (readable) CHECK(entry->query.qname.data() == packets[i].data() + 12);
  }
  CHECK(f.ahead.take(requests[0]) == nullptr);
}

TEST_CASE("lookahead: another request than the next one is not mistaken for it") {
  Fixture f;
  const Octets expected = query_packet("web.default.svc.cluster.local.");
  const Octets other = query_packet("many.default.svc.cluster.local.");
  const std::vector<net::Request> requests{f.request(expected)};
  f.ahead.read(requests, *f.routing, f.live);
  CHECK(f.ahead.take(f.request(other)) == nullptr);
  CHECK(f.ahead.take(requests[0]) != nullptr);
  f.ahead.read({}, *f.routing, f.live);
  CHECK(f.ahead.take(requests[0]) == nullptr);
}

TEST_CASE("lookahead: what was not taken is forgotten with the next read") {
  Fixture f;
  const Octets first = query_packet("web.default.svc.cluster.local.");
  const Octets second = query_packet("huge.default.svc.cluster.local.");
  f.ahead.read(std::vector<net::Request>{f.request(first), f.request(second)}, *f.routing, f.live);
  f.ahead.read(std::vector<net::Request>{f.request(second)}, *f.routing, f.live);
  CHECK(f.ahead.take(f.request(first)) == nullptr);
  CHECK(f.ahead.take(f.request(second)) != nullptr);
}

}  // namespace
}  // namespace fairlead::query
