#include "listen/udp.h"

#include <doctest/doctest.h>

#include <set>

#include "test/unit/support/running_worker.h"

namespace fairlead::listen {

using namespace test;

namespace {

TEST_CASE("udp: which sources are answered") {
  const net::Endpoint local = at("10.0.0.2", 53);
  const struct {
    const char* address;
    uint16_t port;
    bool answered;
  } rows[] = {
      {"10.0.0.1", 40000, true},   {"10.0.0.1", 53, true},       {"10.0.0.1", 0, false},
      {"10.0.0.2", 53, false},     {"10.0.0.2", 54, true},       {"0.0.0.0", 40000, false},
      {"224.0.0.1", 5353, false},  {"239.255.0.1", 53, false},   {"255.255.255.255", 53, false},
      {"240.10.0.1", 40000, true}, {"::", 40000, false},         {"ff02::fb", 5353, false},
      {"fe80::1", 40000, true},    {"2001:db8::1", 40000, true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.address);
    CAPTURE(row.port);
    CHECK(is_answerable(at(row.address, row.port), local) == row.answered);
  }
}

TEST_CASE("udp: the responder sees both ends and the listener") {
  RunningWorker server;
  const net::FileDescriptor client = udp_client(server.local());
  REQUIRE(send_all(client, octets("who?")));
  CHECK(text(receive_datagram(client)) == "udp 127.0.0.1 " + to_text(server.local()) + " 7");
}

TEST_CASE("udp: a wildcard socket replies from the address that was asked") {
  net::ListenAddress wildcard;
  wildcard.wildcard = true;
  wildcard.port = 0;
  RunningWorker server({}, wildcard);
  std::vector<std::string> addresses{"127.0.0.1", "127.0.0.2", "127.1.2.3"};
  if (has_ipv6()) addresses.emplace_back("::1");
  for (const std::string& address : addresses) {
    CAPTURE(address);
    const net::Endpoint asked = at(address, server.local().port);
    // Connected, so that a reply from any other address would not arrive.
    const net::FileDescriptor client = udp_client(asked);
    REQUIRE(send_all(client, octets("who?")));
    const std::string self = asked.address.is_v6() ? "::1" : "127.0.0.1";
    const std::string reply = text(receive_datagram(client));
    CHECK(reply.ends_with(" " + to_text(asked) + " 7"));
    CHECK(reply.starts_with(asked.address.is_v6() ? "udp ::1 " : "udp 127."));
  }
}

TEST_CASE("udp: an IPv6 address is served") {
  if (!has_ipv6()) return;
  RunningWorker server({}, loopback(0, "::1"));
  const net::FileDescriptor client = udp_client(server.local());
  REQUIRE(send_all(client, octets("who?")));
  CHECK(text(receive_datagram(client)) == "udp ::1 " + to_text(server.local()) + " 7");
}

TEST_CASE("udp: a burst of several batches is answered whole, each datagram once") {
  RunningWorker server;
  const net::FileDescriptor client = udp_client(server.local());
  const int space = 4 << 20;
  ::setsockopt(client.get(), SOL_SOCKET, SO_RCVBUF, &space, sizeof space);
  constexpr size_t kBurst = 300;
  {
    Blocked blocked(server.worker());
    for (size_t i = 0; i < kBurst; ++i)
      REQUIRE(send_all(client, octets("query number " + std::to_string(i))));
  }
  std::set<std::string> replies;
  for (size_t i = 0; i < kBurst; ++i) replies.insert(text(receive_datagram(client)));
  CHECK(replies.size() == kBurst);
  CHECK(replies.contains("query number 299"));
  CHECK(eventually([&] { return server.udp().answered.value() == kBurst; }));
  CHECK(server.udp().received.value() == kBurst);
}

TEST_CASE("udp: a datagram that is larger than any query is dropped and counted") {
  RunningWorker server;
  const net::FileDescriptor client = udp_client(server.local());
  REQUIRE(send_all(client, Octets(UdpBatch::kLargestQuery + 1, 'x')));
  REQUIRE(send_all(client, octets("next")));
  CHECK(text(receive_datagram(client)) == "next");
  CHECK(server.udp().dropped_size.value() == 1);
}

TEST_CASE("udp: no reply when the responder is silent, and empty datagrams are harmless") {
  RunningWorker server;
  const net::FileDescriptor client = udp_client(server.local());
  REQUIRE(send_all(client, octets("silence, please")));
  REQUIRE(::send(client.get(), nullptr, 0, 0) == 0);
  REQUIRE(send_all(client, octets("next")));
  CHECK(text(receive_datagram(client)) == "next");
  CHECK(eventually([&] { return server.udp().unanswered.value() == 2; }));
}

TEST_CASE("udp: a datagram that claims to come from the listening socket itself is dropped") {
  RunningWorker server;
  // Shares the port, and leaves the group of sockets that datagrams are spread over by connecting
  // elsewhere.
  ListenOptions sharing;
  sharing.check_free = false;
  auto twin = open_listen_sockets(loopback(server.local().port), sharing);
  net::SocketAddress address{};
  socklen_t size = net::to_socket_address(at("127.0.0.1", 1), 0, address);
  REQUIRE(::connect(twin[0].udp.get(), &address.any, size) == 0);
  size = net::to_socket_address(server.local(), 0, address);
  const Octets query = octets("an endless loop?");
  REQUIRE(::sendto(twin[0].udp.get(), query.data(), query.size(), 0, &address.any, size) > 0);
  CHECK(eventually([&] { return server.udp().dropped_source.value() == 1; }));
  twin.clear();
  CHECK(server.is_alive());
}

TEST_CASE("udp: a client that is gone when its reply comes disturbs nobody") {
  RunningWorker server;
  {
    Blocked blocked(server.worker());
    for (int i = 0; i < 50; ++i) {
      const net::FileDescriptor client = udp_client(server.local());
      REQUIRE(send_all(client, octets("I will not wait")));
    }
  }
  CHECK(server.is_alive());
  CHECK(eventually([&] { return server.udp().received.value() == 51; }));
}

TEST_CASE("udp: what the kernel drops is counted") {
  Worker worker(0, {});
  worker.set_responder(std::make_unique<EchoResponder>());
  ListenOptions options;
  options.receive_buffer = 8192;
  auto sockets = open_listen_sockets(loopback(), options);
  const net::Endpoint local = sockets[0].local;
  worker.adopt(1, std::move(sockets[0]));
  worker.start();
  const net::FileDescriptor client = udp_client(local);
  {
    Blocked blocked(worker);
    for (int i = 0; i < 500; ++i) REQUIRE(send_all(client, Octets(500, 'x')));
  }
  // The count is looked at now and then.
  const net::FileDescriptor other = udp_client(local);
  CHECK(eventually([&] {
    send_all(other, octets("still there?"));
    return !receive_datagram(other, 10).empty() && worker.counters().udp.kernel_drops.value() > 0;
  }));
  worker.stop(std::chrono::milliseconds(0));
  worker.join();
}

}  // namespace
}  // namespace fairlead::listen
