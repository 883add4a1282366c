// DNS over HTTPS on a worker: deadlines, limits, and how it ends.
#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "listen/doh_settings.h"
#include "test/unit/support/http2_client.h"
#include "test/unit/support/running_worker.h"

namespace fairlead::listen {

using namespace test;

namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;

// a.test. A, which the echo gives back.
const std::string kGet =
    "GET /dns-query?dns=AAABAAABAAAAAAAAAWEEdGVzdAAAAQAB HTTP/1.1\r\nHost: x\r\n\r\n";

struct HttpWorker : RunningWorker {
  explicit HttpWorker(TcpSettings settings = {}, DohSettings doh = {},
                      const TcpOptions& options = {}, const MakeResponder& make = make_echo)
      : RunningWorker(options, loopback(), make), doh_(doh) {
    settings.doh = std::make_shared<const DohSettings>(doh);
    worker().set_tcp(7, settings);
    // Behind what was posted: no client comes before it holds.
    std::promise<void> set;
    worker().post([&set] { set.set_value(); });
    set.get_future().wait();
  }
  uint64_t replies(uint16_t status) const {
    for (size_t i = 0; i < DohCounters::kStatuses.size(); ++i) {
      if (DohCounters::kStatuses[i] == status) return doh_.counters->replies[i].value();
    }
    return 0;
  }
  const DohSettings doh_;
};

// The reply's first line.
std::string get(const net::FileDescriptor& client, const std::string& request = kGet) {
  if (!send_all(client, octets(request))) return "not sent";
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const Octets one = receive_exactly(client, 1);
    if (one.empty()) return head.empty() ? "closed" : head;
    head += static_cast<char>(one[0]);
  }
  const size_t size = head.find("Content-Length: ");
  if (size != std::string::npos) receive_exactly(client, std::stoul(head.substr(size + 16)));
  return head.substr(0, head.find('\r'));
}

// Exchanges octets until `done`, or the server closes.
template <typename Done>
bool talk(const net::FileDescriptor& socket, Http2Client& client, Done done) {
  for (;;) {
    if (!send_all(socket, client.output())) return done();
    if (done()) return true;
    if (!wait_for(socket.get(), POLLIN)) return false;
    Octets some(16'384);
    const ssize_t n = ::recv(socket.get(), some.data(), some.size(), 0);
    if (n <= 0) return done();
    if (!client.receive(std::span(some).first(static_cast<size_t>(n)))) return false;
  }
}

}  // namespace

TEST_CASE("doh session: either version, one request after another") {
  HttpWorker server;
  const auto old = tcp_client(server.local());
  for (int i = 0; i < 3; ++i) CHECK(get(old) == "HTTP/1.1 200 OK");
  CHECK(get(old, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") == "HTTP/1.1 404 Not Found");
  const auto socket = tcp_client(server.local());
  Http2Client client;
  const int32_t stream =
      client.ask(Http2Client::get("/dns-query?dns=AAABAAABAAAAAAAAAWEEdGVzdAAAAQAB"));
  CHECK(talk(socket, client, [&] { return client.heard[stream].closed; }));
  CHECK(client.heard[stream].fields[":status"] == "200");
  CHECK(client.heard[stream].body.size() == 24);
  CHECK(server.replies(200) == 4);
  CHECK(server.replies(404) == 1);
}

TEST_CASE("doh session: the first octets come one by one") {
  HttpWorker server;
  for (const std::string& first : {"P"s, "PR"s, "PU"s}) {
    const auto socket = tcp_client(server.local());
    REQUIRE(send_all(socket, octets(first)));
    ::poll(nullptr, 0, 20);
    if (first == "PU") {
      CHECK(get(socket, "T / HTTP/1.1\r\nHost: x\r\n\r\n") == "HTTP/1.1 404 Not Found");
      continue;
    }
    Http2Client client;
    client.ask(Http2Client::get("/"));
    const Octets all = client.output();
    REQUIRE(send_all(socket, std::span(all).subspan(first.size())));
    CHECK(talk(socket, client, [&] { return client.heard[1].closed; }));
    CHECK(client.heard[1].fields[":status"] == "404");
  }
}

TEST_CASE("doh session: who says nothing, half a request, or takes nothing is let go") {
  TcpSettings settings;
  settings.first = settings.idle = settings.read = settings.write = milliseconds(60);
  HttpWorker server(settings);
  const auto silent = tcp_client(server.local());
  CHECK(is_closed_by_peer(silent));
  CHECK(server.tcp().idle_closed.value() == 1);
  const auto idle = tcp_client(server.local());
  CHECK(get(idle) == "HTTP/1.1 200 OK");
  CHECK(is_closed_by_peer(idle));
  const auto half = tcp_client(server.local());
  CHECK(get(half, "GET / HT") == "HTTP/1.1 408 Request Timeout");
  CHECK(is_closed_by_peer(half));
  CHECK(server.replies(408) == 1);
  const auto socket = tcp_client(server.local());
  Http2Client client;
  const std::string part = "ab";
  const int32_t slow = client.ask(Http2Client::post("/"), &part, false);
  CHECK(talk(socket, client, [&] { return client.heard[slow].closed; }));
  CHECK(is_closed_by_peer(socket));
  CHECK(get(tcp_client(server.local())) == "HTTP/1.1 200 OK");
}

TEST_CASE("doh session: those who are too many wait, unless somebody is idle") {
  DohSettings doh;
  doh.max_connections = 1;
  HttpWorker server({}, doh);
  const auto first = tcp_client(server.local());
  CHECK(get(first) == "HTTP/1.1 200 OK");
  const auto second = tcp_client(server.local());
  CHECK(get(second) == "HTTP/1.1 200 OK");  // in the place of the first
  CHECK(is_closed_by_peer(first));
  CHECK(server.tcp().evicted.value() == 1);
  REQUIRE(send_all(second, octets("GET / HT")));
  CHECK(eventually([&] { return server.tcp().connections.value() == 1; }));
  ::poll(nullptr, 0, 30);
  const auto third = tcp_client(server.local());
  REQUIRE(send_all(third, octets(kGet)));
  CHECK_FALSE(wait_for(third.get(), POLLIN, 100));
  CHECK(get(second, "TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") == "HTTP/1.1 404 Not Found");
  CHECK(get(third, "") == "HTTP/1.1 200 OK");
}

TEST_CASE("doh session: replies that follow, to those who wait and those who do not") {
  // Answers nobody: what is asked stays under way.
  struct Silent : net::Responder {
    explicit Silent(std::vector<std::shared_ptr<net::LateReplies>>& all) : promised(all) {}
    size_t respond(const net::Request& request, std::span<uint8_t> /*out*/) override {
      promised.push_back(request.late->expect_reply());
      ++asked;
      return net::kReplyFollows;
    }
    [[nodiscard]] size_t replies_to_follow() const override { return 0; }
    void note_failure() override {}
    std::vector<std::shared_ptr<net::LateReplies>>& promised;
    std::atomic<size_t> asked{0};
  };
  std::vector<std::shared_ptr<net::LateReplies>> promised;  // the worker's
  Silent* silent = nullptr;
  HttpWorker server({}, {}, {}, [&](asio::io_context&) {
    auto made = std::make_unique<Silent>(promised);
    silent = made.get();
    return made;
  });
  const auto answer_all = [&](const Octets& reply) {
    server.worker().post([&promised, reply] {
      for (const auto& promise : promised) promise->send_late({}, reply);
      promised.clear();
    });
  };
  const auto socket = tcp_client(server.local());
  Http2Client client;
  const auto ask = [&] {
    return client.ask(Http2Client::get("/dns-query?dns=AAABAAABAAAAAAAAAWEEdGVzdAAAAQAB"));
  };
  const int32_t first = ask();
  const int32_t second = ask();
  const int32_t third = ask();
  const auto are_asked = [&](size_t count) {
    return send_all(socket, client.output()) && eventually([&] { return silent->asked == count; });
  };
  CHECK(are_asked(3));
  client.give_up(second);
  CHECK(talk(socket, client, [&] { return client.heard[second].closed; }));
  answer_all(octets("header of 12 octets"));
  CHECK(talk(socket, client, [&] { return client.heard[first].closed; }));
  CHECK(talk(socket, client, [&] { return client.heard[third].closed; }));
  CHECK(client.heard[third].body == "header of 12 octets");
  const int32_t last = ask();
  CHECK(are_asked(4));
  answer_all({});
  CHECK(talk(socket, client, [&] { return client.heard[last].closed; }));
  CHECK(client.heard[last].fields[":status"] == "500");
  CHECK(client.heard[last].body == "No response\n");
  // Who has gone is not waited for.
  ask();
  CHECK(are_asked(5));
  ::shutdown(socket.get(), SHUT_RDWR);
  answer_all(octets("header of 12 octets"));
  CHECK(eventually([&] { return server.tcp().connections.value() == 0; }));
}

TEST_CASE("doh session: a drain answers what is under way") {
  HttpWorker server;
  const auto idle = tcp_client(server.local());
  CHECK(get(idle) == "HTTP/1.1 200 OK");
  const auto socket = tcp_client(server.local());
  Http2Client client;
  client.ask(Http2Client::get("/"));
  CHECK(talk(socket, client, [&] { return client.heard[1].closed; }));
  server.worker().remove(7, {});
  CHECK(is_closed_by_peer(idle));
  CHECK(talk(socket, client, [&] { return client.told_to_go; }));
  CHECK(is_closed_by_peer(socket));
}

}  // namespace fairlead::listen
