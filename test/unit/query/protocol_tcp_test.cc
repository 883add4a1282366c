// DNS messages over TCP connections, and datagrams from sources that are not clients.
#include <doctest/doctest.h>
#include <netinet/ip.h>
#include <netinet/udp.h>

#include "test/unit/support/protocol_server.h"

namespace fairlead {

using namespace test;

namespace {

TEST_CASE("protocol: lengths below a header's, and a message that ends with the connection") {
  const ProtocolServer server;
  for (const Octets& bytes :
       {Octets{0, 0}, Octets{0, 1, 'x'}, Octets{0, 11, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Octets{0},
        Octets{0, 50, 'x', 'y'}, Octets{0xff, 0xff, 0}}) {
    const net::FileDescriptor client = tcp_client(server.local());
    REQUIRE(send_all(client, bytes));
    REQUIRE(::shutdown(client.get(), SHUT_WR) == 0);
    CHECK(receive_message(client).empty());
    CHECK(server.is_alive());
  }
}

TEST_CASE("protocol: a message that comes octet by octet is answered when it is in time") {
  const ProtocolServer server;
  const net::FileDescriptor client = tcp_client(server.local());
  const Octets frame = framed(ProtocolServer::normal_query());
  for (size_t i = 0; i < frame.size(); ++i)
    REQUIRE(send_all(client, std::span(frame).subspan(i, 1)));
  CHECK(ProtocolServer::is_normal_answer(receive_message(client)));
}

TEST_CASE("protocol: a thousand queries in one write are all answered with their IDs (RFC 7766)") {
  const ProtocolServer server;
  const net::FileDescriptor client = tcp_client(server.local());
  Octets all;
  for (uint16_t id = 0; id < 1000; ++id) {
    const Octets frame = framed(Packet({1, 0, 0, 0}, kRd, id)
                                    .question(id % 2 == 0 ? kWeb : "no.such.cluster.local.", 1)
                                    .octets());
    all.insert(all.end(), frame.begin(), frame.end());
  }
  REQUIRE(send_all(client, all));
  REQUIRE(::shutdown(client.get(), SHUT_WR) == 0);
  for (uint16_t id = 0; id < 1000; ++id) {
    const Reply reply(receive_message(client));
    REQUIRE(reply.whole);
    REQUIRE(reply.id == id);
    REQUIRE(reply.rcode == (id % 2 == 0 ? 0 : 3));
  }
  CHECK(is_closed_by_peer(client));
}

TEST_CASE("protocol: a malformed message does not end the connection") {
  const ProtocolServer server;
  const net::FileDescriptor client = tcp_client(server.local());
  REQUIRE(send_all(client, framed(Packet({0, 0, 0, 0}).octets())));
  CHECK(Reply(receive_message(client)).rcode == 1);
  REQUIRE(send_all(client, framed(ProtocolServer::normal_query())));
  CHECK(ProtocolServer::is_normal_answer(receive_message(client)));
}

TEST_CASE("protocol: a client that floods and never reads is closed, others are answered") {
  listen::TcpOptions options;
  options.write = std::chrono::milliseconds(200);
  ProtocolServer server(options);
  const net::FileDescriptor client = tcp_client(server.local());
  const Octets query = framed(Packet().question("huge.default.svc.cluster.local.", 1).octets());
  while (server.worker().tcp().slow_closed.value() == 0) {
    if (::send(client.get(), query.data(), query.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) continue;
    REQUIRE(server.is_alive());
    if (errno != EAGAIN && errno != EWOULDBLOCK) break;
  }
  CHECK(eventually([&] { return server.worker().tcp().slow_closed.value() == 1; }));
  CHECK(server.is_alive());
}

TEST_CASE("protocol: both families are served on the wildcard") {
  net::ListenAddress wildcard;
  wildcard.wildcard = true;
  wildcard.port = 0;
  const ProtocolServer server({}, wildcard);
  for (const char* address : {"127.0.0.1", "127.0.0.5", "::1"}) {
    const net::Endpoint asked = at(address, server.local().port);
    if (asked.address.is_v6() && !listen::has_ipv6()) continue;
    CAPTURE(address);
    for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
      const net::FileDescriptor client = connect_to(asked, type);
      const Octets query = ProtocolServer::normal_query();
      REQUIRE(send_all(client, type == SOCK_DGRAM ? query : framed(query)));
      CHECK(ProtocolServer::is_normal_answer(type == SOCK_DGRAM ? receive_datagram(client)
                                                                : receive_message(client)));
    }
  }
}

/// A UDP datagram with a source of our choice; false where raw sockets are not allowed.
bool send_forged(const net::Endpoint& from, const net::Endpoint& to, const Octets& payload) {
  const net::FileDescriptor raw(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  if (!raw.is_open()) return false;
  iphdr ip{};
  ip.version = 4;
  ip.ihl = 5;
  ip.ttl = 64;
  ip.protocol = IPPROTO_UDP;
  std::copy_n(from.address.octets().data(), 4, reinterpret_cast<uint8_t*>(&ip.saddr));
  std::copy_n(to.address.octets().data(), 4, reinterpret_cast<uint8_t*>(&ip.daddr));
  udphdr udp{};
  udp.source = htons(from.port);
  udp.dest = htons(to.port);
  udp.len = htons(static_cast<uint16_t>(sizeof udp + payload.size()));
  Octets packet(sizeof ip + sizeof udp);
  std::copy_n(reinterpret_cast<const uint8_t*>(&ip), sizeof ip, packet.begin());
  std::copy_n(reinterpret_cast<const uint8_t*>(&udp), sizeof udp, packet.begin() + sizeof ip);
  packet.insert(packet.end(), payload.begin(), payload.end());
  net::SocketAddress address{};
  const socklen_t size = net::to_socket_address({to.address, 0}, 0, address);
  return ::sendto(raw.get(), packet.data(), packet.size(), 0, &address.any, size) ==
         static_cast<ssize_t>(packet.size());
}

TEST_CASE("protocol: port 0 and our own socket as a source get no reply") {
  ProtocolServer server;
  const Octets query = ProtocolServer::normal_query();
  // udp_test checks the rule itself; this sends the datagrams where the system lets us.
  if (!send_forged(at("127.0.0.1", 0), server.local(), query)) return;
  REQUIRE(send_forged(server.local(), server.local(), query));
  CHECK(eventually([&] { return server.worker().udp().dropped_source.value() == 2; }));
  CHECK(server.worker().udp().answered.value() == 0);
  CHECK(server.worker().udp().send_errors.value() == 0);
  // Port 53 is a client like any other: old resolvers ask from it.
  REQUIRE(send_forged(at("127.0.0.1", 53), server.local(), query));
  CHECK(eventually([&] { return server.worker().udp().answered.value() == 1; }));
  CHECK_FALSE(server.udp({}));
}

TEST_CASE("protocol: clients that are gone leave the socket in order") {
  ProtocolServer server;
  for (int i = 0; i < 100; ++i)
    REQUIRE(send_all(udp_client(server.local()), ProtocolServer::normal_query()));
  CHECK(eventually([&] { return server.worker().udp().received.value() == 100; }));
  CHECK_FALSE(server.udp({}));
}

}  // namespace
}  // namespace fairlead
