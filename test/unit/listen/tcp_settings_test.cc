// Patience with TCP connections: which of its times counts when, and that each listener has its
// own.
#include <doctest/doctest.h>

#include "test/unit/support/running_worker.h"

namespace fairlead::listen {

using namespace test;

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSoon{50};
constexpr milliseconds kNever{3'600'000};
constexpr uint32_t kListener = 7;  // RunningWorker's

TcpSettings patient() {
  return {.first = kNever, .idle = kNever, .read = kNever, .write = kNever};
}

TcpOptions all_patient() {
  TcpOptions options;
  static_cast<TcpSettings&>(options) = patient();
  return options;
}

/// Half a query, which the server has read when this returns.
void begin_query(const net::FileDescriptor& client) {
  Octets more = framed(octets("a normal query"));
  const Octets half(more.begin(), more.begin() + 5);
  more.insert(more.end(), half.begin(), half.end());
  REQUIRE(send_all(client, more));
  REQUIRE_FALSE(receive_message(client).empty());
}

bool is_served_rest(const net::FileDescriptor& client) {
  const Octets query = framed(octets("a normal query"));
  return send_all(client, std::span(query).subspan(5)) && !receive_message(client).empty();
}

/// Asks for so much that the replies must wait for the client.
void ask_much(const net::FileDescriptor& client, const TcpCounters& counters) {
  const Octets query = framed(octets("big reply, please"));
  while (counters.slow_closed.value() == 0) {
    const ssize_t n = ::send(client.get(), query.data(), query.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n <= 0 && errno != EAGAIN) return;
  }
}

/// Two clients that have not asked anything yet.
struct Clients {
  explicit Clients(const TcpOptions& options) : server(options) {}

  RunningWorker server;
  const net::FileDescriptor silent = tcp_client(server.local());
  const net::FileDescriptor served = tcp_client(server.local());
};

TEST_CASE("tcp settings: `first` is for connections that have asked nothing") {
  TcpOptions options = all_patient();
  options.first = milliseconds(300);  // time enough to ask
  const auto [server, silent, served] = Clients(options);
  REQUIRE(is_served(served));
  const net::FileDescriptor slow = tcp_client(server.local());
  begin_query(slow);
  CHECK(is_closed_by_peer(silent));
  CHECK(is_served(served));
  CHECK(is_served_rest(slow));
  CHECK(server.tcp().idle_closed.value() == 1);
}

TEST_CASE("tcp settings: `idle` is for connections between two queries") {
  TcpOptions options = all_patient();
  options.idle = kSoon;
  const auto [server, silent, served] = Clients(options);
  const net::FileDescriptor slow = tcp_client(server.local());
  begin_query(slow);
  REQUIRE(is_served(served));
  CHECK(is_closed_by_peer(served));
  CHECK(is_served(silent));
  CHECK(is_served_rest(slow));
  CHECK(server.tcp().slow_closed.value() == 0);
}

TEST_CASE("tcp settings: `read` is for queries that have begun") {
  TcpOptions options = all_patient();
  options.read = kSoon;
  const auto [server, silent, served] = Clients(options);
  REQUIRE(is_served(served));
  const net::FileDescriptor slow = tcp_client(server.local());
  begin_query(slow);
  CHECK(is_closed_by_peer(slow));
  CHECK(is_served(silent));
  CHECK(is_served(served));
  CHECK(server.tcp().slow_closed.value() == 1);
  CHECK(server.tcp().idle_closed.value() == 0);
}

TEST_CASE("tcp settings: `write` is for replies that nobody takes") {
  TcpOptions options = all_patient();
  options.write = kSoon;
  const auto [server, silent, served] = Clients(options);
  REQUIRE(is_served(served));
  const net::FileDescriptor greedy = tcp_client(server.local());
  ask_much(greedy, server.tcp());
  CHECK(eventually([&] { return server.tcp().slow_closed.value() == 1; }));
  CHECK(is_served(silent));
  CHECK(is_served(served));
}

TEST_CASE("tcp settings: each listener has its own, the others have the worker's") {
  RunningWorker server(all_patient());
  auto sockets = open_listen_sockets(loopback(), {});
  const net::Endpoint other = sockets[0].local;
  TcpSettings hasty = patient();
  hasty.first = kSoon;
  hasty.queries_per_connection = 1;
  server.worker().set_tcp(8, hasty);  // before its sockets
  server.worker().adopt(8, std::move(sockets[0]));
  const net::FileDescriptor patient_one = tcp_client(server.local());
  const net::FileDescriptor silent = tcp_client(other);
  CHECK(is_closed_by_peer(silent));
  const net::FileDescriptor once = tcp_client(other);
  CHECK(is_served(once));
  CHECK(is_closed_by_peer(once));
  CHECK(is_served(patient_one));
  CHECK(is_served(patient_one));
}

TEST_CASE("tcp settings: new ones are for new connections") {
  RunningWorker server(all_patient());
  const net::FileDescriptor before = tcp_client(server.local());
  REQUIRE(is_served(before));
  TcpSettings once = patient();
  once.queries_per_connection = 1;
  server.worker().set_tcp(kListener, once);
  const net::FileDescriptor after = tcp_client(server.local());
  CHECK(is_served(after));
  CHECK(is_closed_by_peer(after));
  CHECK(is_served(before));
  CHECK(is_served(before));
  server.worker().set_tcp(kListener, patient());
  const net::FileDescriptor last = tcp_client(server.local());
  CHECK(is_served(last));
  CHECK(is_served(last));
}

TEST_CASE("tcp settings: a listener that was removed leaves none for the next of its number") {
  RunningWorker server(all_patient());
  TcpSettings once = patient();
  once.queries_per_connection = 1;
  server.worker().set_tcp(kListener, once);
  server.worker().remove(kListener, {});
  auto sockets = open_listen_sockets(loopback(), {});
  const net::Endpoint next = sockets[0].local;
  server.worker().adopt(kListener, std::move(sockets[0]));
  const net::FileDescriptor client = tcp_client(next);
  CHECK(is_served(client));
  CHECK(is_served(client));
}

}  // namespace
}  // namespace fairlead::listen
