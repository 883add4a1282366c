// Connections to upstreams of DNS over HTTPS, with sockets and TLS.
#include <doctest/doctest.h>

#include "forward/stream.h"
#include "forward/tls.h"
#include "test/unit/forward/asked.h"
#include "test/unit/forward/https_server.h"
#include "test/unit/forward/stream_recorder.h"

namespace fairlead::forward {
namespace {

// What all tests trust.
struct Trusted {
  Trusted() { identity.write_certificate(file); }
  test::TemporaryFolder folder;
  const test::Identity identity = test::make_identity("The authority", "", nullptr);
  const std::string file = folder / "ca.pem";
};

Trusted& trusted() {
  static Trusted made;
  return made;
}

// A server, and a pool that asks it.
struct HttpsStreams {
  explicit HttpsStreams(const std::string& alpn, const std::string& names = "IP:127.0.0.1")
      : server(trusted().identity, alpn, names) {}
  ~HttpsStreams() {
    pool.reset();  // the server waits for its clients' end
    context.poll();
  }

  void start() {
    server.start();
    upstream = server.upstream();
    upstream.server_name = name;
    tls = std::make_unique<TlsClient>(make_tls_context({.ca = trusted().file}, Transport::Https),
                                      upstream);
    pool = std::make_unique<StreamPool>(context, settings, upstream, tls.get(), user);
  }
  bool send(uint32_t token) {
    const Octets query = message(0, static_cast<uint8_t>(token), 40);
    const StreamPool::Sent sent = pool->send(token, query, kUsual);
    places[token] = sent.place;
    return sent.reused;
  }
  bool wait_for(size_t told) {
    return run_until(context, [this, told] { return user.told >= told; });
  }
  [[nodiscard]] bool answered(uint32_t token) {
    const Octets query = message(0, static_cast<uint8_t>(token), 40);
    return user.messages[token] == HttpsServer::answer_to(query);
  }

  Settings settings;
  std::string name;
  HttpsServer server;
  UpstreamSettings upstream;
  asio::io_context context;
  StreamRecorder user;
  std::unique_ptr<TlsClient> tls;
  std::unique_ptr<StreamPool> pool;
  std::map<uint32_t, uint32_t> places;  // by token
};

TEST_CASE("https: many questions on one connection") {
  for (const bool get : {false, true}) {
    HttpsStreams streams("h2");
    streams.settings.doh_get = get;
    if (get) {
      streams.server.on_request = [](Http2Server& http, const auto& request, size_t) {
        const bool is_get = request.fields.at(":method") == "GET" && request.body.empty();
        http.reply(request.stream, {.status = is_get ? 200U : 400U, .body = Octets(40)});
      };
    }
    streams.start();
    for (uint32_t i = 0; i < 90; ++i) CHECK_FALSE(streams.send(i));
    REQUIRE(streams.wait_for(90));
    CHECK(streams.send(90));  // the connection is used again
    REQUIRE(streams.wait_for(91));
    CHECK(streams.user.errors.empty());
    for (uint32_t i = 0; i <= 90 && !get; ++i) CHECK(streams.answered(i));
    CHECK(streams.server.accepted() == 1);
  }
}

TEST_CASE("https: a server that knows HTTP/1.1 only, or nothing of ALPN") {
  for (const std::string alpn : {"http/1.1", ""}) {
    HttpsStreams streams(alpn);
    streams.start();
    for (uint32_t i = 0; i < 50; ++i) streams.send(i);
    REQUIRE(streams.wait_for(50));
    for (uint32_t i = 0; i < 50; ++i) CHECK(streams.answered(i));
    CHECK(streams.server.accepted() > 1);  // each carries one question at a time
    CHECK(streams.server.accepted() <= 16);
    CHECK(streams.send(50));
    REQUIRE(streams.wait_for(51));
    CHECK(streams.answered(50));
  }
}

TEST_CASE("https: a server that speaks neither") {
  HttpsStreams streams("h3");
  streams.start();
  streams.send(1);
  REQUIRE(streams.wait_for(1));
  CHECK(streams.user.errors[1].starts_with("Post \"https://127.0.0.1:"));
  CHECK(streams.user.errors[1].find("/dns-query\": tls: ") != std::string::npos);
}

TEST_CASE("https: the certificate must be the upstream's") {
  const struct {
    const char* names;
    const char* server_name;
    bool good;
  } rows[] = {{"IP:127.0.0.1", "", true},
              {"DNS:dns.x", "dns.x", true},
              {"DNS:dns.x", "", false},
              {"DNS:other.x", "dns.x", false}};
  for (const auto& row : rows) {
    HttpsStreams streams("h2", row.names);
    streams.name = row.server_name;
    streams.start();
    streams.send(1);
    REQUIRE(streams.wait_for(1));
    CHECK(streams.answered(1) == row.good);
    const bool said = streams.user.errors[1].find(
                          "x509: certificate is not valid for the "
                          "upstream's name") != std::string::npos;
    CHECK(said != row.good);
  }
}

TEST_CASE("https: sessions are resumed") {
  HttpsStreams streams("h2");
  streams.server.on_request = [](Http2Server& http, const auto& request, size_t) {
    http.reply(request.stream, {.body = HttpsServer::answer_to(request.body)});
    http.go_away(request.stream);
  };
  streams.start();
  for (uint32_t i = 0; i < 4; ++i) {
    streams.send(i);
    REQUIRE(streams.wait_for(i + 1));
    CHECK(streams.answered(i));
  }
  CHECK(streams.server.handshakes == 4);  // GOAWAY: another connection for the next question
  CHECK(streams.server.resumptions == 3);
}

TEST_CASE("https: what is refused is asked once more, on another connection") {
  for (const size_t refusing : {size_t{1}, size_t{2}}) {
    HttpsStreams streams("h2");
    streams.server.on_request = [refusing](Http2Server& http, const auto& request, size_t n) {
      if (n < refusing) return http.reset(request.stream, NGHTTP2_REFUSED_STREAM);
      http.reply(request.stream, {.body = HttpsServer::answer_to(request.body)});
    };
    streams.start();
    streams.send(1);
    REQUIRE(streams.wait_for(1));
    CHECK(streams.answered(1) == (refusing == 1));
    CHECK(streams.user.errors.size() == refusing - 1);
    CHECK(streams.server.accepted() == 2);
  }
}

TEST_CASE("https: what GOAWAY leaves untouched is asked on another connection") {
  HttpsStreams streams("h2");
  streams.server.on_request = [](Http2Server& http, const auto& request, size_t n) {
    if (n == 0) return http.go_away(0);
    http.reply(request.stream, {.body = HttpsServer::answer_to(request.body)});
  };
  streams.start();
  for (uint32_t i = 0; i < 10; ++i) streams.send(i);
  REQUIRE(streams.wait_for(10));
  for (uint32_t i = 0; i < 10; ++i) CHECK(streams.answered(i));
  CHECK(streams.server.accepted() == 2);
}

TEST_CASE("https: a connection that ends in the middle costs a silent reconnect") {
  HttpsStreams streams("h2");
  streams.server.on_request = [](Http2Server& http, const auto& request, size_t n) {
    if (n == 0 && request.stream > 1) return http.hang_up();
    http.reply(request.stream, {.body = HttpsServer::answer_to(request.body)});
  };
  streams.start();
  for (uint32_t i = 0; i < 2; ++i) {
    streams.send(i);
    REQUIRE(streams.wait_for(i + 1));
    CHECK(streams.answered(i));
  }
  CHECK(streams.server.accepted() == 2);
}

TEST_CASE("https: an upstream that takes few questions at once on a connection") {
  for (const uint32_t most : {1U, 3U}) {
    HttpsStreams streams("h2");
    streams.server.settings = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, most}};
    streams.start();
    streams.send(0);
    REQUIRE(streams.wait_for(1));
    for (uint32_t i = 1; i < 60; ++i) streams.send(i);
    REQUIRE(streams.wait_for(60));
    CHECK(streams.user.errors.empty());
    for (uint32_t i = 0; i < 60; ++i) CHECK(streams.answered(i));
    CHECK(streams.server.accepted() > 1);
    CHECK(streams.server.accepted() <= 16);
  }
}

TEST_CASE("https: HTTP/1.1 connections that the upstream closes behind a reply") {
  HttpsStreams streams("http/1.1");
  streams.server.on_text = [](const Octets& body, size_t) {
    return HttpsServer::text_reply(HttpsServer::answer_to(body), "Connection: close\r\n");
  };
  streams.start();
  for (uint32_t i = 0; i < 5; ++i) {
    streams.send(i);
    REQUIRE(streams.wait_for(i + 1));
    CHECK(streams.answered(i));
  }
  CHECK(streams.server.accepted() == 5);
  CHECK(streams.server.resumptions == 4);
}

TEST_CASE("https: an HTTP/1.1 question that is never answered is in nobody's way") {
  HttpsStreams streams("http/1.1");
  streams.server.on_text = [](const Octets& body, size_t) {
    return body[12] == 1 ? std::string() : HttpsServer::text_reply(HttpsServer::answer_to(body));
  };
  streams.start();
  streams.send(1);
  REQUIRE(run_until(streams.context, [&] { return streams.server.requests == 1; }));
  for (uint32_t i = 2; i < 6; ++i) {
    streams.send(i);
    REQUIRE(streams.wait_for(i - 1));
    CHECK(streams.answered(i));
  }
  streams.pool->cancel(streams.places[1], 1);
  streams.send(6);
  REQUIRE(streams.wait_for(5));
  CHECK(streams.answered(6));
  CHECK(streams.server.accepted() == 2);
}

// Upstreams of one forward line.
Settings settings_of(std::initializer_list<const HttpsServer*> servers) {
  Settings settings;
  for (const HttpsServer* server : servers) settings.upstreams.push_back(server->upstream());
  settings.tls.ca = trusted().file;
  settings.policy = Policy::Sequential;
  return settings;
}

TEST_CASE("https: what is no answer leads to the next upstream, or is SERVFAIL") {
  const struct {
    Http2Server::Reply reply;
    const char* error;
  } rows[] = {
      {{.status = 404, .type = "text/html"}, "unexpected HTTP status 404"},
      {{.status = 429}, "unexpected HTTP status 429"},
      {{.type = "text/html", .body = Octets(20)}, "unexpected content type \"text/html\""},
      {{.body = Octets(20, 1)}, "dns: id mismatch"},
      {{.body = Octets(70000)}, "http: the body is too large"},
      {{.body = Octets(30), .whole = false}, "i/o timeout"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.error);
    HttpsServer bad(trusted().identity, "h2", "IP:127.0.0.1");
    HttpsServer good(trusted().identity, "h2", "IP:127.0.0.1");
    bad.on_request = [&row](Http2Server& http, const auto& request, size_t) {
      http.reply(request.stream, row.reply);
    };
    bad.start();
    good.start();
    {
      Worker worker(settings_of({&bad, &good}));
      const Told told = worker.result();
      CHECK(told.status == Outcome::Status::Answered);
      CHECK(worker.upstream(0).retries >= 1);
      CHECK(worker.upstream(0).https_cache_misses >= 1);
      CHECK(worker.upstream(1).https_cache_misses >= 1);
      CHECK(worker.upstream(1).tls_cache_misses == 0);
    }
    Settings alone = settings_of({&bad});
    alone.max_connect_attempts = 1;
    if (!row.reply.whole) alone.read_timeout = std::chrono::milliseconds(300);
    Worker worker(alone);
    const Told told = worker.result();
    CHECK(told.status == Outcome::Status::Failed);
    CHECK(told.error.find(row.error) != std::string::npos);
  }
}

TEST_CASE("https: an upstream that was down is probed the same way") {
  HttpsServer server(trusted().identity, "h2", "IP:127.0.0.1");
  std::atomic<bool> well{false};
  std::atomic<int> probes{0};
  server.on_request = [&](Http2Server& http, const auto& request, size_t) {
    const auto& body = request.body;
    const bool is_probe = body.size() > 16 && body[12] == 0 && body[14] == 2;  // . NS
    if (is_probe) ++probes;
    http.reply(request.stream, well ? Http2Server::Reply{.body = HttpsServer::answer_to(body)}
                                    : Http2Server::Reply{.status = 503});
  };
  server.start();
  Settings settings = settings_of({&server});
  settings.health_check.interval = std::chrono::milliseconds(20);
  Worker worker(settings);
  CHECK(worker.result().status == Outcome::Status::Failed);
  CHECK(worker.run_until([&] { return worker.upstream(0).down && probes > 2; }));
  well = true;
  CHECK(worker.run_until([&] { return !worker.upstream(0).down; }));
  CHECK(worker.result().status == Outcome::Status::Answered);
  CHECK(worker.upstream(0).healthcheck_failures >= 2);
}

TEST_CASE("https: neither force_tcp nor the client's transport changes anything") {
  HttpsServer server(trusted().identity, "h2", "IP:127.0.0.1");
  server.start();
  for (const bool force_tcp : {false, true}) {
    Settings settings = settings_of({&server});
    settings.force_tcp = force_tcp;
    settings.prefer_udp = !force_tcp;
    Worker worker(settings);
    for (const auto client : {dns::Transport::Udp, dns::Transport::Tcp})
      CHECK(worker.result("www.example.", client).status == Outcome::Status::Answered);
    CHECK(worker.upstream(0).https_cache_hits == 1);
    CHECK(worker.upstream(0).udp_cache_misses + worker.upstream(0).tcp_cache_misses == 0);
  }
}

// Remembers how it was asked and answered.
struct Tapped final : Asker, Tap {
  void on_outcome(const Outcome&) override { ++told; }
  [[nodiscard]] const Tap* tap() const override { return this; }
  void asked(const Event& query) const override { protos.push_back(query.proto); }
  void answered(const Event& reply) const override { protos.push_back(reply.proto); }

  size_t told = 0;
  mutable std::vector<Proto> protos;
};

TEST_CASE("https: a tap is told what carries the messages") {
  HttpsServer server(trusted().identity, "h2", "IP:127.0.0.1");
  server.start();
  Worker worker(settings_of({&server}));
  Tapped tapped;
  const dns::Name qname = *dns::Name::from_text("www.example.");
  worker.forwarder->ask(worker.group, {.qname = qname.view()}, dns::Transport::Udp, 1232, tapped);
  REQUIRE(worker.run_until([&] { return tapped.told == 1; }));
  CHECK(tapped.protos == std::vector<Proto>{Proto::Https, Proto::Https});
}

}  // namespace
}  // namespace fairlead::forward
