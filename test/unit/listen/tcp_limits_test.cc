// Limits of TcpServer: connections, buffers, descriptors.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include "test/unit/support/running_worker.h"

namespace fairlead::listen {

using namespace test;

namespace {

const Octets kQuery = framed(octets("a normal query"));

/// Lowers the limit of open files for its lifetime.
class FileLimit {
 public:
  explicit FileLimit(int files) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = static_cast<rlim_t>(files);
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~FileLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_CASE("tcp limits: a worker's share") {
  TcpOptions all;
  all.connections = 4096;
  all.connections_per_client = 256;
  const struct {
    size_t workers, connections, per_client;
  } rows[] = {{0, 4096, 256}, {1, 4096, 256}, {2, 2048, 256},
              {3, 1366, 171}, {8, 512, 64},   {10'000, 1, 1}};
  for (const auto& row : rows) {
    CAPTURE(row.workers);
    CHECK(all.share(row.workers).connections == row.connections);
    CHECK(all.share(row.workers).connections_per_client == row.per_client);
  }
}

TEST_CASE("tcp limits: the connection that was idle for longest makes room") {
  TcpOptions options;
  options.connections = 3;
  RunningWorker server(options);
  const net::FileDescriptor first = tcp_client(server.local());
  REQUIRE(is_served(first));
  const net::FileDescriptor second = tcp_client(server.local());
  REQUIRE(is_served(second));
  const net::FileDescriptor third = tcp_client(server.local());
  REQUIRE(is_served(third));
  REQUIRE(is_served(first));
  const net::FileDescriptor fourth = tcp_client(server.local());
  CHECK(is_served(fourth));
  CHECK(is_closed_by_peer(second));
  CHECK(is_served(first));
  CHECK(is_served(third));
  CHECK(server.tcp().evicted.value() == 1);
}

TEST_CASE("tcp limits: busy connections are not closed for new ones") {
  TcpOptions options;
  options.connections = 2;
  RunningWorker server(options);
  std::vector<net::FileDescriptor> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(tcp_client(server.local()));
    REQUIRE(is_served(busy.back()));
    // Query and first half of the next in one piece: its reply tells that the half has been read.
    Octets more = kQuery;
    more.insert(more.end(), kQuery.begin(), kQuery.begin() + 5);
    REQUIRE(send_all(busy.back(), more));
    REQUIRE_FALSE(receive_message(busy.back()).empty());
  }
  const net::FileDescriptor refused = tcp_client(server.local());
  CHECK(is_closed_by_peer(refused));
  CHECK(server.tcp().refused.value() == 1);
  for (const net::FileDescriptor& one : busy) {
    REQUIRE(send_all(one, std::span(kQuery).subspan(5)));
    CHECK(text(receive_message(one)) == "a normal query");
  }
}

TEST_CASE("tcp limits: one client address has its own, others and UDP are unaffected") {
  TcpOptions options;
  options.connections_per_client = 2;
  net::ListenAddress wildcard;
  wildcard.wildcard = true;
  wildcard.port = 0;
  RunningWorker server(options, wildcard);
  const net::Endpoint local = at("127.0.0.1", server.local().port);
  const net::FileDescriptor first = tcp_client(local);
  REQUIRE(is_served(first));
  net::FileDescriptor second = tcp_client(local);
  REQUIRE(is_served(second));
  CHECK(is_closed_by_peer(tcp_client(local)));

  net::FileDescriptor other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  net::SocketAddress address{};
  socklen_t size = net::to_socket_address(at("127.0.0.9", 0), 0, address);
  REQUIRE(::bind(other.get(), &address.any, size) == 0);
  size = net::to_socket_address(local, 0, address);
  REQUIRE(::connect(other.get(), &address.any, size) == 0);
  CHECK(is_served(other));
  const net::FileDescriptor udp = udp_client(local);
  REQUIRE(send_all(udp, octets("over udp")));
  CHECK(text(receive_datagram(udp)) == "over udp");

  second.reset();
  CHECK(eventually([&] { return is_served(tcp_client(local)); }));
}

TEST_CASE("tcp limits: what all connections keep is bounded") {
  TcpOptions options;
  options.buffered = 1000;
  RunningWorker server(options);
  const net::FileDescriptor greedy = tcp_client(server.local());
  REQUIRE(send_all(greedy, Octets{0xff, 0xff}));
  send_all(greedy, Octets(2000, 'x'));
  CHECK(is_closed_by_peer(greedy));
  CHECK(eventually([&] { return server.tcp().slow_closed.value() == 1; }));
  const net::FileDescriptor modest = tcp_client(server.local());
  REQUIRE(send_all(modest, std::span(kQuery).first(8)));
  REQUIRE(send_all(modest, std::span(kQuery).subspan(8)));
  CHECK(text(receive_message(modest)) == "a normal query");
}

TEST_CASE(
    "tcp limits: without descriptors connections are turned away, accepting pauses, UDP goes on") {
  RunningWorker server;
  REQUIRE(server.is_alive());
  REQUIRE(eventually([&] { return server.tcp().connections.value() == 0; }));
  const net::FileDescriptor udp = udp_client(server.local());
  std::vector<net::FileDescriptor> clients;
  for (int i = 0; i < 5; ++i)
    clients.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // Every number below the limit is taken: the lowest free one is not below it.
  net::FileDescriptor lowest_free(::dup(0));
  {
    const FileLimit limit(lowest_free.get());
    lowest_free.reset();
    net::SocketAddress address{};
    const socklen_t size = net::to_socket_address(server.local(), 0, address);
    for (const net::FileDescriptor& client : clients) {
      if (client.get() < 0) continue;
      REQUIRE(::connect(client.get(), &address.any, size) == 0);
    }
    CHECK(is_closed_by_peer(clients[0]));
    for (int i = 0; i < 20; ++i) {
      REQUIRE(send_all(udp, octets("over udp")));
      REQUIRE(text(receive_datagram(udp)) == "over udp");
    }
    CHECK(is_closed_by_peer(clients[4]));
    CHECK(server.tcp().accept_errors.value() >= 5);
    CHECK(server.tcp().accept_errors.value() < 50);
    CHECK(server.tcp().accepted.value() == 1);
  }
  CHECK(server.is_alive());
}

}  // namespace
}  // namespace fairlead::listen
