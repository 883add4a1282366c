#include "listen/tcp.h"

#include <doctest/doctest.h>

#include "test/unit/support/running_worker.h"

namespace fairlead::listen {

using namespace test;

namespace {

using std::chrono::milliseconds;

TEST_CASE("tcp: the responder sees both ends and the listener") {
  RunningWorker server;
  const net::FileDescriptor client = tcp_client(server.local());
  REQUIRE(send_all(client, framed(octets("who is asking?"))));
  CHECK(text(receive_message(client)) == "tcp 127.0.0.1 " + to_text(server.local()) + " 7");
}

TEST_CASE("tcp: a wildcard listener knows the address that was asked") {
  net::ListenAddress wildcard;
  wildcard.wildcard = true;
  wildcard.port = 0;
  RunningWorker server({}, wildcard);
  const net::Endpoint asked = at("127.0.0.3", server.local().port);
  const net::FileDescriptor client = tcp_client(asked);
  REQUIRE(send_all(client, framed(octets("who is asking?"))));
  CHECK(text(receive_message(client)).ends_with(" " + to_text(asked) + " 7"));
}

TEST_CASE("tcp: an IPv6 connection") {
  if (!has_ipv6()) return;
  RunningWorker server({}, loopback(0, "::1"));
  const net::FileDescriptor client = tcp_client(server.local());
  REQUIRE(send_all(client, framed(octets("who is asking?"))));
  CHECK(text(receive_message(client)) == "tcp ::1 " + to_text(server.local()) + " 7");
}

TEST_CASE("tcp: a thousand queries in one write are all answered, in their order") {
  RunningWorker server;
  const net::FileDescriptor client = tcp_client(server.local());
  Octets all;
  for (int i = 0; i < 1000; ++i) {
    const Octets one = framed(octets("pipelined query " + std::to_string(i)));
    all.insert(all.end(), one.begin(), one.end());
  }
  REQUIRE(send_all(client, all));
  for (int i = 0; i < 1000; ++i)
    REQUIRE(text(receive_message(client)) == "pipelined query " + std::to_string(i));
  CHECK(server.tcp().received.value() == 1000);
}

TEST_CASE("tcp: messages cut anywhere, and the largest message") {
  RunningWorker server;
  const net::FileDescriptor client = tcp_client(server.local());
  const Octets message = octets("cut into pieces");
  const Octets frame = framed(message);
  for (size_t cut = 1; cut < frame.size(); ++cut) {
    const std::span<const uint8_t> whole(frame);
    REQUIRE(send_all(client, whole.first(cut)));
    REQUIRE(send_all(client, whole.subspan(cut)));
    REQUIRE(receive_message(client) == message);
  }
  const Octets largest(65535, 'x');
  REQUIRE(send_all(client, framed(largest)));
  CHECK(receive_message(client) == largest);
}

TEST_CASE("tcp: silence for one query does not silence the next") {
  RunningWorker server;
  const net::FileDescriptor client = tcp_client(server.local());
  REQUIRE(send_all(client, framed(octets("silence, please"))));
  REQUIRE(send_all(client, framed(octets("the next query"))));
  CHECK(text(receive_message(client)) == "the next query");
}

TEST_CASE("tcp: replies larger than the socket's buffer arrive whole") {
  RunningWorker server;
  const net::FileDescriptor client = tcp_client(server.local());
  Octets all;
  for (int i = 0; i < 100; ++i) {
    const Octets one = framed(octets("big reply, please"));
    all.insert(all.end(), one.begin(), one.end());
  }
  REQUIRE(send_all(client, all));
  // 6 MB are more than both socket buffers: the server has to stop, keep, and go on.
  for (int i = 0; i < 100; ++i) {
    const Octets reply = receive_message(client);
    REQUIRE(reply.size() == 60'000);
    REQUIRE(reply.back() == 'b');
  }
}

TEST_CASE("tcp: a client that has shut down its side still gets its answers") {
  RunningWorker server;
  const net::FileDescriptor client = tcp_client(server.local());
  Octets all;
  for (int i = 0; i < 60; ++i) {
    const Octets one = framed(octets("big reply, please"));
    all.insert(all.end(), one.begin(), one.end());
  }
  REQUIRE(send_all(client, all));
  REQUIRE(::shutdown(client.get(), SHUT_WR) == 0);
  for (int i = 0; i < 60; ++i) REQUIRE(receive_message(client).size() == 60'000);
  CHECK(is_closed_by_peer(client));
}

TEST_CASE("tcp: a length below a header's closes the connection after the answers before it") {
  for (const uint8_t length : {0, 1, 11}) {
    CAPTURE(static_cast<int>(length));
    RunningWorker server;
    const net::FileDescriptor client = tcp_client(server.local());
    Octets all = framed(octets("a good message"));
    all.push_back(0);
    all.push_back(length);
    all.insert(all.end(), length, 'x');
    REQUIRE(send_all(client, all));
    CHECK(text(receive_message(client)) == "a good message");
    CHECK(is_closed_by_peer(client));
    CHECK(server.tcp().malformed.value() == 1);
    CHECK(server.is_alive());
  }
}

TEST_CASE("tcp: a connection may be limited to some queries") {
  TcpOptions options;
  options.queries_per_connection = 2;
  RunningWorker server(options);
  const net::FileDescriptor client = tcp_client(server.local());
  Octets all;
  for (int i = 0; i < 3; ++i) {
    const Octets one = framed(octets("one of three"));
    all.insert(all.end(), one.begin(), one.end());
  }
  REQUIRE(send_all(client, all));
  CHECK(text(receive_message(client)) == "one of three");
  CHECK(text(receive_message(client)) == "one of three");
  CHECK(receive_message(client).empty());
}

TEST_CASE("tcp: an idle connection is closed") {
  TcpOptions options;
  options.first = milliseconds(50);
  options.idle = milliseconds(50);
  RunningWorker server(options);
  const net::FileDescriptor silent = tcp_client(server.local());
  const net::FileDescriptor once = tcp_client(server.local());
  REQUIRE(send_all(once, framed(octets("only one query"))));
  CHECK(text(receive_message(once)) == "only one query");
  CHECK(is_closed_by_peer(silent));
  CHECK(is_closed_by_peer(once));
  CHECK(eventually([&] { return server.tcp().idle_closed.value() == 2; }));
  CHECK(eventually([&] { return server.tcp().connections.value() == 0; }));
}

TEST_CASE("tcp: a message that comes octet by octet has to end in time") {
  TcpOptions options;
  options.read = milliseconds(100);
  RunningWorker server(options);
  const net::FileDescriptor client = tcp_client(server.local());
  size_t sent = 0;
  const Octets frame = framed(Octets(60'000, 'x'));
  // Each octet comes well before the deadline, the whole message never would.
  while (sent < frame.size() && !wait_for(client.get(), POLLIN, 5)) {
    if (!send_all(client, std::span(frame).subspan(sent++, 1))) break;
  }
  CHECK(sent < frame.size());
  CHECK(is_closed_by_peer(client));
  CHECK(eventually([&] { return server.tcp().slow_closed.value() == 1; }));
}

TEST_CASE("tcp: a client that never reads is closed, others are served meanwhile") {
  TcpOptions options;
  options.write = milliseconds(200);
  RunningWorker server(options);
  const net::FileDescriptor client = tcp_client(server.local());
  const Octets query = framed(octets("big reply, please"));
  // Until both socket buffers are full and nothing goes out any more.
  size_t queries = 0;
  while (server.tcp().slow_closed.value() == 0 && queries < 100'000) {
    if (::send(client.get(), query.data(), query.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
      ++queries;
    } else if (errno != EAGAIN) {
      break;
    }
    if (queries % 1000 == 0) REQUIRE(server.is_alive());
  }
  CHECK(eventually([&] { return server.tcp().slow_closed.value() == 1; }));
  CHECK(server.tcp().received.value() < queries);
  CHECK(server.is_alive());
}

TEST_CASE(
    "tcp: connections that are reset, carry urgent data or end at once leave nothing behind") {
  RunningWorker server;
  for (int i = 0; i < 200; ++i) {
    const net::FileDescriptor client = tcp_client(server.local());
    REQUIRE(client.is_open());
    if (i % 4 == 0) send_all(client, framed(octets("big reply, please")));
    if (i % 4 == 1) send_all(client, Octets{0, 40, 'h', 'a', 'l', 'f'});
    if (i % 4 == 2) ::send(client.get(), "!", 1, MSG_OOB | MSG_NOSIGNAL);
    if (i % 5 != 4) {
      const linger reset{1, 0};
      ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
  }
  CHECK(eventually(
      [&] { return server.tcp().accepted.value() > 0 && server.tcp().connections.value() == 0; }));
  CHECK(server.is_alive());
}

TEST_CASE("tcp: urgent data beside a query does not disturb it") {
  RunningWorker server;
  const net::FileDescriptor client = tcp_client(server.local());
  REQUIRE(::send(client.get(), "!", 1, MSG_OOB | MSG_NOSIGNAL) == 1);
  REQUIRE(send_all(client, framed(octets("a normal query"))));
  CHECK(text(receive_message(client)) == "a normal query");
}

}  // namespace
}  // namespace fairlead::listen
