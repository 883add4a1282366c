// What every implementation of k8s-watch/transport.h promises. Built once for each of them.
#include <zlib.h>

#include <array>
#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "test/unit/k8s-watch/transport_client.h"

namespace fairlead::k8s_watch {
namespace {

using namespace test;

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_CASE("transport: a request carries target, path prefix, Host and headers") {
  Request seen;
  std::optional<HttpServer> server;
  server.emplace([&](Peer& peer) {
    const auto request = peer.read();
    if (!request) return;
    seen = *request;
    peer.write(response(200, "{}"));
    peer.wait_closed();
  });
  const std::string url = server->url();
  HttpRequest request = patient("/api/v1/services?limit=500&resourceVersion=0");
  request.headers = {{"User-Agent", "fairlead/test"}, {"Authorization", "Bearer abc"}};
  const Received received = Client(access_to(url + "/prefix")).get(request);
  server.reset();  // its thread has ended
  CHECK(received.error == "");
  CHECK(received.status == 200);
  CHECK(received.body == "{}");
  CHECK(seen.method == "GET");
  CHECK(seen.headers.count("content-length") == 0);
  CHECK(seen.target == "/prefix/api/v1/services?limit=500&resourceVersion=0");
  CHECK("http://" + seen.headers["host"] == url);
  CHECK(seen.headers["user-agent"] == "fairlead/test");
  CHECK(seen.headers["authorization"] == "Bearer abc");
}

TEST_CASE("transport: a body is posted, again where a kept connection turns out to be closed") {
  std::mutex mutex;
  std::vector<Request> seen;
  std::string left;  // the body of the request that its connection was closed on
  std::optional<HttpServer> server;
  server.emplace([&](Peer& peer) {
    for (bool kept = false; auto request = peer.read(); kept = true) {
      {
        const std::lock_guard lock(mutex);
        seen.push_back(*request);
        if (kept && left.empty()) {
          left = request->body;
          return;  // without an answer
        }
      }
      peer.write(response(200, "{}"));
    }
  });
  Client client(access_to(server->url()));
  // A client need not keep a connection in time for the very next request.
  const auto wanted = [&] {
    const std::lock_guard lock(mutex);
    return left.empty();
  };
  for (int i = 0; i < 1'000 && wanted(); ++i) {
    HttpRequest request = patient("/v3/kv/range");
    request.body = "{\"a\":" + std::to_string(i) + "}";
    const Received received = client.get(request);
    CHECK(received.error == "");
    CHECK(received.status == 200);
  }
  server.reset();  // its threads have ended
  REQUIRE(seen.size() >= 3);
  CHECK(seen.back().body == left);
  CHECK(seen[seen.size() - 2].body == left);
  for (const Request& request : seen) {
    CHECK(request.method == "POST");
    CHECK(request.target == "/v3/kv/range");
    CHECK(request.headers.at("content-type") == "application/json");
  }
}

TEST_CASE("transport: statuses and Retry-After arrive with the body") {
  for (const int status : {400, 401, 403, 410, 422, 429, 500, 503, 504}) {
    CAPTURE(status);
    HttpServer server(always(response(status, "why", "Retry-After: 7\r\n")));
    const Received received = Client(access_to(server.url())).get(patient("/"));
    CHECK(received.error == "");
    CHECK(received.status == status);
    CHECK(received.retry_after == "7");
    CHECK(received.body == "why");
  }
}

TEST_CASE("transport: a chunk is handed on before the next one comes") {
  std::promise<void> first_seen;
  HttpServer server([&](Peer& peer) {
    peer.read();
    peer.write(chunked_head() + chunk("one\n"));
    first_seen.get_future().wait();
    peer.write(chunk("two\n") + chunk(""));
    peer.wait_closed();
  });
  Client client(access_to(server.url()));
  Received received;
  received.at_piece = [&] {
    if (received.body == "one\n") first_seen.set_value();
  };
  const auto exchange = client.transport->send(patient("/"), received);
  client.run(received);
  CHECK(received.error == "");
  CHECK(received.body == "one\ntwo\n");
}

TEST_CASE("transport: a large body comes whole, in pieces of at most 64 KiB") {
  std::string large;
  for (int i = 0; large.size() < 3'000'000; ++i) large += std::to_string(i) + ",";
  for (const bool packed : {false, true}) {
    for (const bool in_chunks : {false, true}) {
      CAPTURE(packed);
      CAPTURE(in_chunks);
      const std::string header = packed ? "Content-Encoding: gzip\r\n" : "";
      const std::string wire = packed ? gzip(large) : large;
      HttpServer server(always(in_chunks ? chunked_head(header) + chunk(wire) + chunk("")
                                         : response(200, wire, header)));
      HttpRequest request = patient("/");
      request.headers = {{"Accept-Encoding", "gzip"}};
      const Received received = Client(access_to(server.url())).get(request);
      CHECK(received.error == "");
      CHECK(received.body == large);
      CHECK(received.largest <= 65'536);
    }
  }
}

TEST_CASE("transport: a damaged response ends with an error") {
  const std::string packed = gzip(std::string(10'000, 'x'));
  const std::string gzip_header = "Content-Encoding: gzip\r\n";
  const struct {
    const char* what;
    std::string wire;
  } kCases[] = {
      {"closed without a word", ""},
      {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
      {"head cut", "HTTP/1.1 200 OK\r\nContent-"},
      {"body cut", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"},
      {"chunk cut", chunked_head() + "10\r\nabc"},
      {"between chunks", chunked_head() + chunk("abc")},
      {"bad chunk size", chunked_head() + "xyz\r\nabc\r\n"},
      {"gzip cut", response(200, packed.substr(0, packed.size() / 2), gzip_header)},
      {"gzip that is none", response(200, "plain text", gzip_header)},
  };
  for (const auto& test : kCases) {
    CAPTURE(test.what);
    HttpServer server([&](Peer& peer) {
      peer.read();
      peer.write(test.wire);
    });
    const Received received = Client(access_to(server.url())).get(patient("/"));
    CHECK(received.ended);
    CHECK(received.error != "");
  }
}

TEST_CASE("transport: endless headers are refused") {
  HttpServer server([](Peer& peer) {
    peer.read();
    peer.write("HTTP/1.1 200 OK\r\n");
    while (peer.write("X-More: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  HttpRequest request = patient("/");
  request.head_timeout = std::chrono::seconds(3);
  const Received received = Client(access_to(server.url())).get(request);
  CHECK(received.status == 0);
  CHECK(received.error != "");
}

TEST_CASE("transport: a server that never answers is given up") {
  HttpServer server([](Peer& peer) { peer.wait_closed(); });
  HttpRequest request = patient("/");
  request.head_timeout = std::chrono::milliseconds(50);
  const Received received = Client(access_to(server.url())).get(request);
  CHECK(received.status == 0);
  CHECK(received.error == "no response for 0.05 s");
}

TEST_CASE("transport: a stream that falls silent is given up") {
  HttpServer server([](Peer& peer) {
    peer.read();
    peer.write(chunked_head() + chunk("one\n"));
    peer.wait_closed();
  });
  HttpRequest request = patient("/");
  request.idle_timeout = std::chrono::milliseconds(50);
  const Received received = Client(access_to(server.url())).get(request);
  CHECK(received.body == "one\n");
  CHECK(received.error == "nothing received for 0.05 s");
}

TEST_CASE("transport: nothing is heard after the exchange is destroyed, also from within a call") {
  std::promise<void> gone;
  HttpServer server([&](Peer& peer) {
    peer.read();
    peer.write(chunked_head() + chunk("one\n") + chunk("two\n"));
    peer.wait_closed();
    gone.set_value();
  });
  Client client(access_to(server.url()));
  Received received;
  std::unique_ptr<Exchange> exchange;
  received.at_piece = [&] {
    exchange.reset();
    received.at_piece = nullptr;
  };
  exchange = client.transport->send(patient("/"), received);
  client.io.run();
  CHECK(exchange == nullptr);
  CHECK(received.pieces == 1);
  CHECK_FALSE(received.ended);
  client.transport.reset();
  gone.get_future().wait();  // the connection was closed
}

TEST_CASE("transport: a refused connection is an error, and not told from within get()") {
  std::string url;
  {
    HttpServer server([](Peer&) {});
    url = server.url();
  }
  Client client(access_to(url));
  Received received;
  const auto exchange = client.transport->send(patient("/"), received);
  CHECK_FALSE(received.ended);
  client.run(received);
  CHECK(received.status == 0);
  CHECK(received.error != "");
}

TEST_CASE(
    "transport: requests that follow each other share a connection, and one that was closed is "
    "replaced") {
  std::atomic<int> count = 0;
  HttpServer server([&](Peer& peer) {
    for (int i = 0; i < 2 && peer.read(); ++i) peer.write(response(200, std::to_string(++count)));
  });
  Client client(access_to(server.url()));
  // Every second one meets a connection that the server has closed, or closes while it is on its
  // way.
  constexpr int kRequests = 10;
  for (int i = 1; i <= kRequests; ++i) {
    const Received received = client.get(patient("/"));
    CHECK(received.error == "");
    CHECK(received.body == std::to_string(i));
  }
  CHECK(server.connections() < kRequests);
}

TEST_CASE("transport: several requests at a time") {
  HttpServer server(always(response(200, "{}")));
  Client client(access_to(server.url()));
  std::array<Received, 4> received;
  std::vector<std::unique_ptr<Exchange>> exchanges;
  for (Received& one : received) exchanges.push_back(client.transport->send(patient("/"), one));
  for (Received& one : received) client.run(one);
  for (const Received& one : received) CHECK(one.body == "{}");
}

}  // namespace
}  // namespace fairlead::k8s_watch
