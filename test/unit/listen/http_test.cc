// Requests and replies of both versions of HTTP, without sockets.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "listen/http1.h"
#include "listen/http2.h"
#include "test/unit/support/http2_client.h"

namespace fairlead::listen {

namespace {

using test::Http2Client;

// Says what it was asked, at once unless it is to wait.
struct Echo : HttpServer {
  void on_request(int32_t stream, HttpRequest& request) override {
    asked.push_back(request.method + " " + request.target + " [" + request.content_type + "] " +
                    std::to_string(request.body.size()));
    streams.push_back(stream);
    if (!waits) answer(stream, asked.back());
  }
  void on_fault(uint16_t status) override { faults.push_back(status); }
  void answer(int32_t stream, const std::string& text) {
    http->answer(stream, {.max_age = 60,
                          .body = {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
  }

  HttpConversation* http = nullptr;
  bool waits = false;
  std::vector<std::string> asked;
  std::vector<int32_t> streams;
  std::vector<uint16_t> faults;
};

std::span<const uint8_t> view_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

struct Old : Echo {
  Old() { http = &one; }
  std::string output() {
    std::vector<uint8_t> out;
    one.take_output(out, 1 << 20);
    return {out.begin(), out.end()};
  }
  std::string say(const std::string& text) {
    one.receive(view_of(text));
    return output();
  }
  Http1 one{*this};
};

// Both ends, and octets between them.
struct Pair : Echo {
  explicit Pair(uint32_t max_streams = 250) : two(*this, max_streams) { http = &two; }
  void move() {
    for (bool moved = true; moved;) {
      const auto asked_octets = client.output();
      if (!asked_octets.empty()) two.receive(asked_octets);
      std::vector<uint8_t> said;
      two.take_output(said, 1 << 20);
      if (!said.empty()) understood = client.receive(said) && understood;
      moved = !asked_octets.empty() || !said.empty();
    }
  }
  std::string status(int32_t stream) { return client.heard[stream].fields[":status"]; }

  Http2 two;
  Http2Client client;
  bool understood = true;
};

}  // namespace

TEST_CASE("http1: requests one after another") {
  Old server;
  const std::string first = server.say("GET /dns-query?dns=AA HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(server.asked.back() == "GET /dns-query?dns=AA [] 0");
  CHECK(first.starts_with("HTTP/1.1 200 OK\r\nDate: "));
  CHECK(first.find("\r\nContent-Length: 26\r\n") != std::string::npos);
  CHECK(first.find("\r\nCache-Control: max-age=60\r\n") != std::string::npos);
  CHECK(first.ends_with("\r\n\r\nGET /dns-query?dns=AA [] 0"));
  CHECK(first.find("Connection") == std::string::npos);
  const std::string many = server.say(
      "\r\nPOST /a HTTP/1.1\r\nHost: x\r\nContent-Type: t\r\nContent-Length: 3\r\n\r\nabc"
      "POST /b HTTP/1.1\r\nhost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"
      "GET http://x/c HTTP/1.1\r\nHost: x\r\n\r\nGET https://x HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(server.asked.size() == 5);
  CHECK(server.asked[1] == "POST /a [t] 3");
  CHECK(server.asked[2] == "POST /b [] 5");
  CHECK(server.asked[3] == "GET /c [] 0");
  CHECK(server.asked[4] == "GET / [] 0");
  CHECK_FALSE(server.one.is_busy());
  CHECK(server.one.kept() == 0);
}

TEST_CASE("http1: octet by octet") {
  Old server;
  std::string said;
  for (const char c : std::string("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")) {
    CHECK(server.asked.empty());
    said += server.say(std::string(1, c));
  }
  CHECK(server.asked.size() == 1);
  CHECK(said.starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("http1: how a connection ends") {
  struct Row {
    std::string text;
    std::string has;
    bool over;
  };
  const Row rows[] = {
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "Connection: close", true},
      {"GET / HTTP/1.0\r\n\r\n", "Connection: close", true},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "Connection: keep-alive", false},
      {"GET / HTTP/1.1\r\n\r\n", "400 Bad Request", true},
      {"\x16\x03\x01\x02\x03\x01\r\n\r\n", "400 Bad Request", true},
      {"GET /\r\n\r\n", "400 Bad Request", true},
      {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", "400 Bad Request", true},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n", "413 ", true},
      {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", "431 ", true},
      {"GET /" + std::string(20'000, 'a'), "431 ", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text.substr(0, 60));
    Old server;
    CHECK(server.say(row.text).find(row.has) != std::string::npos);
    CHECK(server.one.is_over() == row.over);
    CHECK(server.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").empty() == row.over);
  }
}

TEST_CASE("http1: one request is under way") {
  Old server;
  server.waits = true;
  const std::string request = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
  CHECK(server.say(request + request).empty());
  CHECK(server.asked.size() == 1);
  CHECK_FALSE(server.one.takes_input());
  CHECK(server.one.kept() == request.size());
  server.answer(server.streams[0], "late");
  CHECK(server.output().ends_with("\r\n\r\nlate"));
  CHECK(server.asked.size() == 2);
  server.one.finish();
  CHECK_FALSE(server.one.is_over());
  server.answer(server.streams[0], "not again");
  server.answer(server.streams[1], "last");
  const std::string last = server.output();
  CHECK(last.find("Connection: close") != std::string::npos);
  CHECK(last.find("not again") == std::string::npos);
  CHECK(server.one.is_over());
}

TEST_CASE("http1: a client that waits to be asked for its body") {
  Old server;
  CHECK(server.say(
            "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n") ==
        "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(server.one.incomplete() == 1);
  CHECK(server.say("ab").starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(server.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na").empty());
  server.one.give_up(server.one.incomplete());
  CHECK(server.output().starts_with("HTTP/1.1 408 "));
  CHECK(server.one.is_over());
}

TEST_CASE("http2: many requests at once, answered in any order") {
  Pair pair;
  pair.waits = true;
  const std::string body = "abc";
  const int32_t first = pair.client.ask(Http2Client::get("/dns-query?dns=AA"));
  auto post = Http2Client::post("/dns-query");
  post.emplace_back("content-type", "application/dns-message");
  const int32_t second = pair.client.ask(post, &body);
  pair.move();
  REQUIRE(pair.asked.size() == 2);
  CHECK(pair.asked[0] == "GET /dns-query?dns=AA [] 0");
  CHECK(pair.asked[1] == "POST /dns-query [application/dns-message] 3");
  CHECK(pair.two.is_busy());
  CHECK(pair.two.incomplete() == 0);
  pair.answer(second, "two");
  pair.answer(first, "one");
  pair.move();
  CHECK(pair.client.heard[first].body == "one");
  CHECK(pair.client.heard[second].body == "two");
  CHECK(pair.client.heard[first].fields["content-length"] == "3");
  CHECK(pair.client.heard[first].fields["cache-control"] == "max-age=60");
  CHECK(pair.status(first) == "200");
  CHECK_FALSE(pair.two.is_busy());
  CHECK(pair.two.kept() == 0);
  CHECK(pair.understood);
}

TEST_CASE("http2: replies that are larger than a client allows for now") {
  Pair pair;
  pair.waits = true;
  const int32_t stream = pair.client.ask(Http2Client::get("/"));
  pair.move();
  // Its window is 65535 octets; this client opens it again as it reads.
  pair.answer(stream, std::string(200'000, 'x'));
  std::vector<uint8_t> said;
  pair.two.take_output(said, 1 << 20);
  CHECK(said.size() < 70'000);
  CHECK(pair.two.is_held_up());
  CHECK(pair.two.kept() > 200'000);
  CHECK(pair.client.receive(said));
  pair.move();
  CHECK(pair.client.heard[stream].body.size() == 200'000);
  CHECK_FALSE(pair.two.is_held_up());
  CHECK(pair.two.kept() == 0);
}

TEST_CASE("http2: what is too much") {
  Pair pair;
  auto large = Http2Client::get("/");
  for (int i = 0; i < 40; ++i) large.emplace_back("x-" + std::to_string(i), std::string(500, 'a'));
  const int32_t header = pair.client.ask(large);
  const std::string whole(65'535, 'b');
  const std::string beyond(65'536, 'b');
  const int32_t largest = pair.client.ask(Http2Client::post("/"), &whole);
  pair.move();
  const int32_t body = pair.client.ask(Http2Client::post("/"), &beyond, false);
  auto said = Http2Client::post("/");
  said.emplace_back("content-length", "65536");
  const int32_t told = pair.client.ask(said, &beyond, false);
  pair.move();
  CHECK(pair.status(header) == "431");
  CHECK(pair.status(largest) == "200");
  CHECK(pair.status(body) == "413");
  CHECK(pair.status(told) == "413");
  CHECK(pair.faults.size() == 3);
  CHECK(pair.asked.size() == 1);
  // Those that do not come to their end are given up in time, and the connection goes on.
  CHECK_FALSE(pair.client.heard[body].closed);
  while (pair.two.incomplete() != 0) pair.two.give_up(pair.two.incomplete());
  pair.move();
  CHECK(pair.client.heard[body].closed);
  CHECK(pair.client.heard[body].error == NGHTTP2_NO_ERROR);
  CHECK(pair.faults.size() == 3);
  for (int i = 0; i < 10; ++i) {
    pair.client.ask(Http2Client::post("/"), &whole);
    pair.move();
  }
  CHECK(pair.asked.size() == 11);
  CHECK(pair.two.kept() == 0);
  CHECK(pair.understood);
}

TEST_CASE("http2: more streams than are allowed") {
  Pair pair(2);
  pair.waits = true;
  pair.move();  // the client knows the limit, and keeps to it unless told otherwise
  std::vector<int32_t> streams;
  for (int i = 0; i < 4; ++i) streams.push_back(pair.client.ask(Http2Client::get("/")));
  pair.move();
  CHECK(pair.asked.size() == 2);
  for (const int32_t stream : std::vector(pair.streams)) pair.answer(stream, "x");
  pair.move();
  CHECK(pair.asked.size() == 4);
}

TEST_CASE("http2: a client that asks and gives up, again and again") {
  Pair pair;
  pair.waits = true;
  pair.move();
  size_t given_up = 0;
  while (!pair.two.is_over() && given_up < 5000) {
    const int32_t stream = pair.client.ask(Http2Client::get("/"));
    pair.move();
    pair.client.give_up(stream);
    pair.move();
    ++given_up;
  }
  CHECK(given_up > 400);
  CHECK(given_up < 1000);
  CHECK(pair.client.told_to_go);
  for (const int32_t stream : pair.streams) pair.answer(stream, "nobody");
  CHECK(pair.two.kept() < 5000);
}

TEST_CASE("http2: half a request is given up, and a drain lets the others end") {
  Pair pair;
  pair.waits = true;
  const std::string part = "ab";
  const int32_t slow = pair.client.ask(Http2Client::post("/"), &part, false);
  const int32_t other = pair.client.ask(Http2Client::get("/other"));
  pair.move();
  CHECK(pair.two.incomplete() == slow);
  pair.two.give_up(slow);
  pair.move();
  CHECK(pair.client.heard[slow].closed);
  CHECK(pair.faults == std::vector<uint16_t>{408});
  CHECK(pair.two.incomplete() == 0);
  pair.two.finish();
  pair.move();
  CHECK(pair.client.told_to_go);
  CHECK_FALSE(pair.two.is_over());
  pair.answer(other, "the end");
  pair.move();
  CHECK(pair.client.heard[other].body == "the end");
  CHECK(pair.two.is_over());
}

TEST_CASE("http2: what is none") {
  Pair pair;
  pair.two.receive(view_of("PRI * HTTP/1.1\r\n\r\nSM\r\n\r\n, or not"));
  CHECK(pair.two.is_over());
}

}  // namespace fairlead::listen
