#include "listen/worker.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <set>
#include <thread>

#include "test/unit/support/running_worker.h"

namespace fairlead::listen {

using namespace test;

namespace {

TEST_CASE("worker: posted calls run in their order on one thread") {
  RunningWorker server;
  std::vector<int> order;
  std::set<std::thread::id> threads;
  std::promise<void> done;
  for (int i = 0; i < 100; ++i) {
    server.worker().post([&, i] {
      order.push_back(i);
      threads.insert(std::this_thread::get_id());
    });
  }
  server.worker().post([&] { done.set_value(); });
  done.get_future().wait();
  REQUIRE(order.size() == 100);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(threads.size() == 1);
  CHECK_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST_CASE("worker: a new responder answers from the next batch on, on open connections too") {
  class Other : public net::Responder {
    size_t respond(const net::Request&, std::span<uint8_t> out) override {
      std::ranges::copy(std::string_view("from the new one"), out.begin());
      return 16;
    }
  };
  RunningWorker server;
  const net::FileDescriptor tcp = tcp_client(server.local());
  REQUIRE(send_all(tcp, framed(octets("from the old one"))));
  CHECK(text(receive_message(tcp)) == "from the old one");
  server.worker().post([&] { server.worker().set_responder(std::make_unique<Other>()); });
  REQUIRE(send_all(tcp, framed(octets("who answers now?"))));
  CHECK(text(receive_message(tcp)) == "from the new one");
  const net::FileDescriptor udp = udp_client(server.local());
  REQUIRE(send_all(udp, octets("who answers now?")));
  CHECK(text(receive_datagram(udp)) == "from the new one");
}

TEST_CASE("worker: listeners come and go while others are served") {
  RunningWorker server;
  auto sockets = open_listen_sockets(loopback(), {});
  const net::Endpoint second = sockets[0].local;
  server.worker().adopt(8, std::move(sockets[0]));
  const net::FileDescriptor client = udp_client(second);
  REQUIRE(send_all(client, octets("who?")));
  CHECK(text(receive_datagram(client)) == "udp 127.0.0.1 " + to_text(second) + " 8");

  std::promise<void> removed;
  server.worker().remove(8, [&] { removed.set_value(); });
  removed.get_future().wait();
  CHECK_FALSE(tcp_client(second).is_open());
  CHECK_NOTHROW(open_listen_sockets(loopback(second.port), {}));
  CHECK(server.is_alive());
}

TEST_CASE("worker: what the kernel had queued when a listener is removed is answered") {
  RunningWorker server;
  constexpr size_t kQueued = 100;
  const net::FileDescriptor udp = udp_client(server.local());
  std::vector<net::FileDescriptor> tcp;
  std::promise<void> removed;
  {
    Blocked blocked(server.worker());
    for (size_t i = 0; i < kQueued; ++i)
      REQUIRE(send_all(udp, octets("queued " + std::to_string(i))));
    for (int i = 0; i < 10; ++i) {
      tcp.push_back(tcp_client(server.local()));
      REQUIRE(send_all(tcp.back(), framed(octets("queued before"))));
    }
    server.worker().remove(7, [&] { removed.set_value(); });
  }
  removed.get_future().wait();
  size_t answered = 0;
  while (answered < kQueued && !receive_datagram(udp).empty()) ++answered;
  CHECK(answered == kQueued);
  for (const net::FileDescriptor& one : tcp) {
    CHECK(text(receive_message(one)) == "queued before");
    CHECK(is_closed_by_peer(one));
  }
}

TEST_CASE("worker: replacing the sockets of an address loses no datagram") {
  RunningWorker server;
  ListenOptions sharing;
  sharing.check_free = false;
  sharing.receive_buffer = 1 << 20;
  uint32_t listener = 7;
  size_t lost = 0;
  for (int round = 0; round < 20; ++round) {
    // 32 flows, so that the kernel's spreading picks both the old and the new socket.
    std::vector<net::FileDescriptor> clients;
    for (int i = 0; i < 32; ++i) clients.push_back(udp_client(server.local()));
    auto sockets = open_listen_sockets(loopback(server.local().port), sharing);
    for (const net::FileDescriptor& client : clients)
      REQUIRE(send_all(client, octets("before, during or after")));
    server.worker().adopt(listener + 1, std::move(sockets[0]));
    server.worker().remove(listener, {});
    for (const net::FileDescriptor& client : clients)
      REQUIRE(send_all(client, octets("before, during or after")));
    ++listener;
    for (const net::FileDescriptor& client : clients) {
      for (int i = 0; i < 2; ++i) lost += receive_datagram(client).empty() ? 1 : 0;
    }
  }
  CHECK(lost == 0);
}

TEST_CASE("worker: a stop finishes the message that a connection has begun, then ends") {
  RunningWorker server;
  const net::FileDescriptor busy = tcp_client(server.local());
  const net::FileDescriptor idle = tcp_client(server.local());
  const Octets message = framed(octets("a message in two parts"));
  const std::span<const uint8_t> whole(message);
  REQUIRE(send_all(idle, message));
  CHECK(text(receive_message(idle)) == "a message in two parts");
  REQUIRE(send_all(busy, message));
  CHECK(text(receive_message(busy)) == "a message in two parts");
  {
    Blocked blocked(server.worker());
    REQUIRE(send_all(busy, whole.first(10)));
    server.worker().stop(std::chrono::milliseconds(kPatience));
  }
  CHECK(is_closed_by_peer(idle));
  CHECK_FALSE(tcp_client(server.local()).is_open());
  REQUIRE(send_all(busy, whole.subspan(10)));
  CHECK(text(receive_message(busy)) == "a message in two parts");
  CHECK(is_closed_by_peer(busy));
  server.worker().join();
  CHECK(server.tcp().connections.value() == 0);
}

TEST_CASE("worker: a stop does not wait longer than its grace") {
  TcpOptions patient;
  patient.read = std::chrono::minutes(10);
  RunningWorker server(patient);
  const net::FileDescriptor client = tcp_client(server.local());
  REQUIRE(send_all(client, Octets{0}));
  REQUIRE(eventually([&] { return server.tcp().connections.value() == 1; }));
  const auto start = std::chrono::steady_clock::now();
  server.worker().stop(std::chrono::milliseconds(50));
  server.worker().join();
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes(1));
  CHECK(is_closed_by_peer(client));
}

TEST_CASE("worker: posts after the end are harmless") {
  RunningWorker server;
  server.worker().stop(std::chrono::milliseconds(0));
  server.worker().join();
  bool ran = false;
  server.worker().post([&] { ran = true; });
  auto sockets = open_listen_sockets(loopback(), {});
  server.worker().adopt(9, std::move(sockets[0]));
  CHECK_FALSE(ran);
}

}  // namespace
}  // namespace fairlead::listen
