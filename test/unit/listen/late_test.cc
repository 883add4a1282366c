// Replies that come after respond() has returned.
#include <doctest/doctest.h>

#include <deque>
#include <set>

#include "test/unit/support/running_worker.h"

namespace fairlead::listen {

using namespace test;

namespace {

/// Keeps every request until release() and then echoes all of them, the last one first. A request
/// that begins with "now" is echoed at once.
class LateEcho final : public net::Responder {
 public:
  size_t respond(const net::Request& request, std::span<uint8_t> out) override {
    const std::string packet(request.packet.begin(), request.packet.end());
    if (packet.starts_with("now")) {
      std::ranges::copy(packet, out.begin());
      return packet.size();
    }
    held_.push_back({request, octets(packet), request.late->expect_reply()});
    return net::kReplyFollows;
  }

  [[nodiscard]] size_t replies_to_follow() const override { return held_.size(); }

  void release() {
    while (!held_.empty()) {
      const Held last = std::move(held_.back());
      held_.pop_back();
      const bool silent = text(last.packet).starts_with("silence");
      last.to->send_late(last.peers, silent ? std::span<const uint8_t>() : last.packet);
    }
  }

 private:
  struct Held {
    net::Peers peers;
    Octets packet;
    std::shared_ptr<net::LateReplies> to;
  };
  std::deque<Held> held_;
};

class LateServer {
 public:
  explicit LateServer(const TcpOptions& tcp = {}, const net::ListenAddress& address = loopback())
      : server(tcp, address, [this](asio::io_context&) {
          auto made = std::make_unique<LateEcho>();
          responder = made.get();
          return made;
        }) {}

  void release() {
    std::promise<void> done;
    server.worker().post([&] {
      responder->release();
      done.set_value();
    });
    done.get_future().wait();
  }

  LateEcho* responder = nullptr;
  RunningWorker server;
};

// The worker has read what was sent before this on the same socket.
void pass(const net::FileDescriptor& udp) {
  REQUIRE(send_all(udp, octets("now")));
  REQUIRE(text(receive_datagram(udp)) == "now");
}

TEST_CASE("late replies: over UDP, from the address that was asked, to whoever asked") {
  net::ListenAddress wildcard;
  wildcard.wildcard = true;
  wildcard.port = 0;
  LateServer late({}, wildcard);
  const uint16_t port = late.server.local().port;
  for (const char* address : {"127.0.0.3", "::1"}) {
    if (std::string_view(address) == "::1" && !has_ipv6()) continue;
    const net::FileDescriptor one = udp_client(at(address, port));
    const net::FileDescriptor other = udp_client(at(address, port));
    REQUIRE(send_all(one, octets("first")));
    pass(one);
    REQUIRE(send_all(other, octets("second")));
    pass(other);
    late.release();
    CHECK(text(receive_datagram(one)) == "first");
    CHECK(text(receive_datagram(other)) == "second");
  }
  CHECK(late.server.udp().send_errors.value() == 0);
}

TEST_CASE("late replies: silence is counted") {
  LateServer late;
  const net::FileDescriptor client = udp_client(late.server.local());
  REQUIRE(send_all(client, octets("silence, please")));
  pass(client);
  late.release();
  pass(client);
  CHECK(late.server.udp().unanswered.value() == 1);
}

TEST_CASE("late replies: a listener that goes stays for them and takes nothing new") {
  LateServer late;
  const net::FileDescriptor client = udp_client(late.server.local());
  REQUIRE(send_all(client, octets("before the end")));
  pass(client);
  std::promise<void> removed;
  late.server.worker().remove(7, [&] { removed.set_value(); });
  removed.get_future().wait();
  late.release();
  CHECK(text(receive_datagram(client)) == "before the end");
}

TEST_CASE("late replies: over TCP they overtake one another, and an immediate one overtakes them") {
  LateServer late;
  const net::FileDescriptor client = tcp_client(late.server.local());
  for (const char* message : {"the first one", "the second one", "now, at once"})
    REQUIRE(send_all(client, framed(octets(message))));
  CHECK(text(receive_message(client)) == "now, at once");
  late.release();
  CHECK(text(receive_message(client)) == "the second one");
  CHECK(text(receive_message(client)) == "the first one");
}

TEST_CASE("late replies: a client that has said all it had to say still gets them") {
  LateServer late;
  const net::FileDescriptor client = tcp_client(late.server.local());
  REQUIRE(send_all(client, framed(octets("a patient one"))));
  REQUIRE(::shutdown(client.get(), SHUT_WR) == 0);
  const net::FileDescriptor other = tcp_client(late.server.local());
  REQUIRE(eventually([&] { return late.server.tcp().received.value() == 1; }));
  late.release();
  CHECK(text(receive_message(client)) == "a patient one");
  CHECK(is_closed_by_peer(client));
}

TEST_CASE(
    "late replies: more queries than one connection may leave open are read later, not lost") {
  constexpr size_t kQueries = 3000;
  LateServer late;
  const net::FileDescriptor client = tcp_client(late.server.local());
  Octets all;
  for (size_t i = 0; i < kQueries; ++i) {
    const Octets one = framed(octets("one of many: " + std::to_string(i)));
    all.insert(all.end(), one.begin(), one.end());
  }
  REQUIRE(send_all(client, all));
  std::set<std::string> answered;
  for (size_t round = 1; answered.size() < kQueries; ++round) {
    const size_t open = std::min<size_t>(1024 * round, kQueries);
    REQUIRE(eventually([&] { return late.server.tcp().received.value() >= open; }));
    late.release();
    while (answered.size() < open) answered.insert(text(receive_message(client)));
  }
  CHECK(answered.size() == kQueries);
}

TEST_CASE("late replies: a connection that is gone gets none, and nobody minds") {
  LateServer late;
  {
    const net::FileDescriptor client = tcp_client(late.server.local());
    REQUIRE(send_all(client, framed(octets("too impatient"))));
    REQUIRE(eventually([&] { return late.server.tcp().received.value() == 1; }));
    const linger reset{1, 0};
    ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  REQUIRE(eventually([&] { return late.server.tcp().connections.value() == 0; }));
  late.release();
  const net::FileDescriptor udp = udp_client(late.server.local());
  pass(udp);
}

TEST_CASE("late replies: stopping waits for them") {
  LateServer late;
  const net::FileDescriptor client = udp_client(late.server.local());
  REQUIRE(send_all(client, octets("the last one")));
  pass(client);
  late.server.worker().stop(std::chrono::milliseconds(kPatience));
  late.release();
  late.server.worker().join();
  CHECK(text(receive_datagram(client)) == "the last one");
}

}  // namespace
}  // namespace fairlead::listen
