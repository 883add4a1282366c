#include "http/http.h"

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/asio.h"
#include "plugins/health/health.h"
#include "test/unit/support/client.h"

using namespace fairlead;
using fairlead::test::eventually;
using fairlead::test::kPatience;
using fairlead::test::wait_for;

namespace {

constexpr char kAny[] = "127.0.0.1:0";

/// A TCP connection that speaks raw HTTP.
class Client {
 public:
  explicit Client(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }

  [[nodiscard]] bool connected() const { return connected_; }

  void send(const std::string& text) {
    CHECK(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(text.size()));
  }

  /// Reads until `end` was seen, the peer closed, or patience ended.
  std::string read_until(const std::string& end) {
    std::string text;
    char octets[4096];
    while (text.find(end) == std::string::npos && wait_for(fd_.get(), POLLIN)) {
      const ssize_t n = ::recv(fd_.get(), octets, sizeof octets, 0);
      if (n <= 0) break;
      text.append(octets, static_cast<size_t>(n));
    }
    return text;
  }

  /// True when the peer has closed; data before that is thrown away.
  bool closed() {
    char octets[4096];
    while (wait_for(fd_.get(), POLLIN)) {
      if (::recv(fd_.get(), octets, sizeof octets, 0) <= 0) return true;
    }
    return false;
  }

 private:
  net::FileDescriptor fd_;
  bool connected_ = false;
};

/// An HttpServer on a thread of its own; apply() runs there too.
class Running {
 public:
  Running() : work_(asio::make_work_guard(io_)), thread_([this] { io_.run(); }) {}
  ~Running() {
    call([this] { server_.stop(); });
    work_.reset();
    thread_.join();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  std::optional<std::string> apply(std::vector<http::HttpRoute> routes) {
    std::optional<std::string> error;
    call([&] { error = server_.apply(std::move(routes)); });
    return error;
  }

  uint16_t port(const std::string& address) {
    uint16_t port = 0;
    call([&] { port = server_.port(address); });
    return port;
  }

  void call(const std::function<void()>& what) {
    std::promise<void> done;
    asio::post(io_, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }

  asio::io_context& io() { return io_; }

 private:
  asio::io_context io_;
  http::HttpServer server_{io_, std::chrono::milliseconds(10)};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

http::HttpRoute hello(const std::string& address, const std::string& path = "/hello") {
  return {address, path, [] { return http::HttpReply{200, "hello"}; }};
}

std::string get(uint16_t port, const std::string& head) {
  Client client(port);
  client.send(head + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  return client.read_until("never");
}

}  // namespace

TEST_CASE("http: what each request gets") {
  Running server;
  REQUIRE_FALSE(server.apply({hello(kAny), {kAny, "/health", plugins::health::health_reply}}));
  const uint16_t port = server.port(kAny);
  REQUIRE(port != 0);
  struct Row {
    const char* request;
    const char* status;
    const char* body;
  };
  for (const Row& row :
       {Row{"GET /hello", "200 OK", "hello"}, Row{"GET /hello?x=y", "200 OK", "hello"},
        Row{"HEAD /hello", "200 OK", ""}, Row{"GET /health", "200 OK", "OK"},
        Row{"GET /", "404 Not Found", "404 page not found\n"},
        Row{"GET /hello/", "404 Not Found", "404 page not found\n"},
        Row{"POST /hello", "405 Method Not Allowed", "405 method not allowed\n"},
        Row{"DELETE /hello", "405 Method Not Allowed", "405 method not allowed\n"}}) {
    CAPTURE(row.request);
    const std::string reply = get(port, row.request);
    CHECK(reply.rfind("HTTP/1.1 " + std::string(row.status) + "\r\n", 0) == 0);
    const size_t end = reply.find("\r\n\r\n");
    REQUIRE(end != std::string::npos);
    CHECK(reply.substr(end + 4) == row.body);
  }
  CHECK(get(port, "HEAD /hello").find("Content-Length: 5\r\n") != std::string::npos);
  CHECK(get(port, "GET /hello").find("Content-Type: text/plain; charset=utf-8\r\n") !=
        std::string::npos);
  CHECK(get(port, "POST /hello").find("Allow: GET, HEAD\r\n") != std::string::npos);
}

TEST_CASE("http: one connection serves many requests") {
  Running server;
  REQUIRE_FALSE(server.apply({hello(kAny)}));
  Client client(server.port(kAny));
  for (int i = 0; i < 3; ++i) {
    client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.read_until("\r\n\r\nhello").find("200 OK") != std::string::npos);
  }
  client.send("GET /hello HTTP/1.0\r\n\r\n");
  CHECK(client.read_until("hello").rfind("HTTP/1.0 200", 0) == 0);
  CHECK(client.closed());
}

TEST_CASE("http: what is not HTTP, or too much of it, is refused and the connection closed") {
  Running server;
  REQUIRE_FALSE(server.apply({hello(kAny)}));
  const uint16_t port = server.port(kAny);
  for (const std::string& request :
       {std::string("\x16\x03\x01\x02 not http\r\n\r\n"),
        "GET /hello HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n",
        "POST /hello HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + std::string(100, 'x')}) {
    Client client(port);
    client.send(request);
    CHECK(client.read_until("\r\n\r\n").find(" 400 Bad Request") != std::string::npos);
    CHECK(client.closed());
  }
  CHECK(get(port, "GET /hello").find("200 OK") != std::string::npos);
}

TEST_CASE("http: connections are bounded, and who waits longest makes room") {
  Running server;
  REQUIRE_FALSE(server.apply({hello(kAny)}));
  const uint16_t port = server.port(kAny);
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < http::HttpServer::kMaxConnections; ++i) {
    clients.push_back(std::make_unique<Client>(port));
    clients.back()->send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(clients.back()->read_until("hello").find("200 OK") != std::string::npos);
  }
  Client silent(port);
  CHECK(clients[0]->closed());
  CHECK(get(port, "GET /hello").find("200 OK") != std::string::npos);
  CHECK(clients[1]->closed());
  clients[2]->send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(clients[2]->read_until("hello").find("200 OK") != std::string::npos);
  silent.send("GET /hello HTTP/1.0\r\n\r\n");
  CHECK(silent.read_until("hello").find("200 OK") != std::string::npos);
}

TEST_CASE("http: apply() keeps addresses that stay, with their connections, and closes others") {
  Running server;
  const std::string other = "localhost:0";
  REQUIRE_FALSE(server.apply({hello(kAny), hello(other)}));
  const uint16_t kept = server.port(kAny);
  const uint16_t gone = server.port(other);
  REQUIRE(gone != 0);
  Client client(kept);
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.read_until("hello").find("200 OK") != std::string::npos);

  REQUIRE_FALSE(server.apply({hello(kAny, "/new")}));
  CHECK(server.port(kAny) == kept);
  CHECK(server.port(other) == 0);
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.read_until("not found\n").find("404") != std::string::npos);
  client.send("GET /new HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.read_until("hello").find("200 OK") != std::string::npos);
  CHECK_FALSE(Client(gone).connected());
}

TEST_CASE("http: an address that cannot be opened changes nothing") {
  Running server;
  Running holder;
  REQUIRE_FALSE(server.apply({hello(kAny)}));
  REQUIRE_FALSE(holder.apply({hello(kAny)}));
  const uint16_t port = server.port(kAny);
  const std::string busy = "127.0.0.1:" + std::to_string(holder.port(kAny));
  const auto error = server.apply({hello("localhost:0"), hello(busy)});
  REQUIRE(error);
  CHECK(*error == "listen tcp " + busy + ": bind: address already in use");
  CHECK(server.port(kAny) == port);
  CHECK(server.port("localhost:0") == 0);
  CHECK(get(port, "GET /hello").find("200 OK") != std::string::npos);

  for (const char* bad : {"nonsense", "127.0.0.1:notaport", "127.0.0.1:65536"}) {
    CAPTURE(bad);
    const auto why = server.apply({hello(bad)});
    REQUIRE(why);
    CHECK(why->rfind("listen tcp " + std::string(bad) + ": ", 0) == 0);
  }
}

TEST_CASE("http: an address without a host is every address") {
  Running server;
  REQUIRE_FALSE(server.apply({hello(":0")}));
  CHECK(get(server.port(":0"), "GET /hello").find("200 OK") != std::string::npos);
}

TEST_CASE("http: stop() closes connections too") {
  std::unique_ptr<Client> client;
  {
    Running server;
    REQUIRE_FALSE(server.apply({hello(kAny)}));
    client = std::make_unique<Client>(server.port(kAny));
    client->send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client->read_until("hello").find("200 OK") != std::string::npos);
  }
  CHECK(client->closed());
}

namespace {

/// A port that somebody else listens on.
class Taken {
 public:
  Taken() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* const any = reinterpret_cast<sockaddr*>(&at);
    REQUIRE(::bind(fd_.get(), any, size) == 0);
    REQUIRE(::listen(fd_.get(), 1) == 0);
    REQUIRE(::getsockname(fd_.get(), any, &size) == 0);
    port_ = ntohs(at.sin_port);
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] uint16_t port() const { return port_; }
  void release() { fd_ = {}; }

 private:
  net::FileDescriptor fd_;
  uint16_t port_ = 0;
};

/// hello(), and what is told of an address that cannot be opened.
http::HttpRoute can_wait(const std::string& address, std::vector<std::string>& told) {
  http::HttpRoute route = hello(address);
  route.unopened = [&told](const std::string& why) { told.push_back(why); };
  return route;
}

}  // namespace

TEST_CASE("http: an address that may be missing is served once it can be opened") {
  Running server;
  Taken taken;
  std::vector<std::string> told;
  REQUIRE_FALSE(server.apply({can_wait(taken.address(), told), hello(kAny)}));
  CHECK(get(server.port(kAny), "GET /hello").ends_with("hello"));
  CHECK(told == std::vector<std::string>{"listen tcp " + taken.address() +
                                         ": bind: address already in use"});
  taken.release();
  CHECK(eventually([&] { return server.port(taken.address()) != 0; }));
  CHECK(get(taken.port(), "GET /hello").ends_with("hello"));
  server.call([&] { CHECK(told.back().empty()); });
}

TEST_CASE("http: of an unknown host and of a port that is none the reason is told") {
  Running server;
  std::vector<std::string> told;
  REQUIRE_FALSE(server.apply({can_wait("127.0.0.1:65536", told), hello(kAny)}));
  CHECK(told == std::vector<std::string>{"listen tcp 127.0.0.1:65536: invalid port"});
  CHECK(get(server.port(kAny), "GET /hello").ends_with("hello"));
}

TEST_CASE("http: one route that needs an address is enough to fail") {
  Running server;
  const Taken taken;
  std::vector<std::string> told;
  CHECK(server.apply({can_wait(taken.address(), told), hello(taken.address(), "/health")}) ==
        "listen tcp " + taken.address() + ": bind: address already in use");
  CHECK(told.empty());
}

TEST_CASE("http: what an earlier configuration had open is no obstacle") {
  Running server;
  std::vector<std::string> told;
  Taken taken;
  taken.release();
  REQUIRE_FALSE(server.apply({can_wait(taken.address(), told)}));
  const std::string same = "localhost:" + std::to_string(taken.port());
  REQUIRE_FALSE(server.apply({can_wait(same, told)}));
  CHECK(told.empty());
  CHECK(get(taken.port(), "GET /hello").ends_with("hello"));
}

TEST_CASE("http: no port behind the colon is any that is free") {
  Running server;
  REQUIRE_FALSE(server.apply({hello("localhost:")}));
  CHECK(get(server.port("localhost:"), "GET /hello").ends_with("hello"));
}
