#include "forward/http2.h"

#include <doctest/doctest.h>

#include "test/unit/forward/heard.h"
#include "test/unit/forward/http2_server.h"

namespace fairlead::forward {
namespace {

using Reply = Http2Server::Reply;

// Either end, and what goes between them.
struct Http2Talk {
  explicit Http2Talk(bool get = false, const std::vector<nghttp2_settings_entry>& settings = {})
      : upstream({.transport = Transport::Https,
                  .address = *dns::IpAddress::from_text("192.0.2.1"),
                  .port = 443,
                  .server_name = "dns.example"},
                 get),
        server(settings),
        http(upstream, heard) {}

  void ask(uint16_t id, size_t size = 20) {
    http.ask(id, dns_message(static_cast<uint8_t>(id), size));
  }
  // Until neither has more to say.
  void move(size_t piece = SIZE_MAX) {
    for (;;) {
      const Octets asked = said_by(http);
      server.receive(asked);
      const Octets replied = server.output();
      if (asked.empty() && replied.empty()) return;
      give(http, replied, piece);
    }
  }
  // Asks one question, and has it answered so.
  void exchange(uint16_t id, const Reply& reply, size_t piece = SIZE_MAX) {
    ask(id);
    move();
    for (const auto& request : server.take_requests()) server.reply(request.stream, reply);
    move(piece);
  }

  DohUpstream upstream;
  Heard heard;
  Http2Server server;
  Http2 http;
};

TEST_CASE("http2: a question is a request, its reply is the body") {
  for (const bool get : {false, true}) {
    Http2Talk talk(get);
    const Octets question = dns_message(7);
    Octets with_id = question;
    with_id[1] = 99;
    talk.http.ask(7, with_id);
    talk.move();
    const auto requests = talk.server.take_requests();
    REQUIRE(requests.size() == 1);
    auto fields = requests[0].fields;
    CHECK(fields[":method"] == (get ? "GET" : "POST"));
    CHECK(fields[":scheme"] == "https");
    CHECK(fields[":authority"] == "dns.example");
    CHECK(fields[":path"] == (get ? doh_target(question) : "/dns-query"));
    CHECK(fields["accept"] == "application/dns-message");
    CHECK(fields["content-type"] == (get ? "" : "application/dns-message"));
    CHECK(fields["content-length"] == (get ? "" : "20"));
    CHECK(requests[0].body == (get ? Octets() : question));  // its id is 0
    talk.server.reply(requests[0].stream, {.body = dns_message(8, 500)});
    talk.move();
    CHECK(talk.heard.replies[7] == dns_message(8, 500));
    CHECK(talk.heard.failures.empty());
    CHECK(talk.server.closed[requests[0].stream] == NGHTTP2_NO_ERROR);
    CHECK(talk.http.takes_more());
    CHECK(talk.http.unsent() == 0);
  }
}

TEST_CASE("http2: replies come in any order, and in pieces") {
  for (const size_t piece : {size_t{1}, size_t{7}, SIZE_MAX}) {
    Http2Talk talk;
    for (uint16_t id = 1; id <= 50; ++id) talk.ask(id);
    talk.move(piece);
    auto requests = talk.server.take_requests();
    CHECK(requests.size() == 50);
    std::ranges::reverse(requests);
    for (const auto& request : requests) talk.server.reply(request.stream, {.body = request.body});
    talk.move(piece);
    for (uint16_t id = 1; id <= 50; ++id)
      CHECK(talk.heard.replies[id] == dns_message(static_cast<uint8_t>(id)));
  }
}

TEST_CASE("http2: what is no answer is a failure, and costs nobody else") {
  const std::string large(kMaxHttpHeader, 'x');
  const struct {
    Reply reply;
    const char* failure;
  } rows[] = {
      {{.status = 404, .type = "text/html", .body = Octets(100)}, "unexpected HTTP status 404"},
      {{.status = 404, .body = {}}, "unexpected HTTP status 404"},
      {{.status = 503, .body = dns_message(1)}, "unexpected HTTP status 503"},
      {{.type = "text/html", .body = dns_message(1)}, "unexpected content type \"text/html\""},
      {{.type = "", .body = dns_message(1)}, "unexpected content type \"\""},
      {{.body = Octets(20, 9)}, "dns: id mismatch"},
      {{.body = Octets(11)}, "dns: reply is too short"},
      {{.body = {}}, "dns: reply is too short"},
      {{.body = dns_message(1, 65536)}, "http: the body is too large"},
      {{.body = dns_message(1, 65536), .whole = false}, "http: the body is too large"},
      {{.body = dns_message(1), .more = {{"x", large}}}, "http2: the header is too large"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.failure);
    Http2Talk talk;
    talk.exchange(1, row.reply);
    CHECK(talk.heard.failures[1] == row.failure);
    CHECK(talk.heard.replies.empty());
    CHECK(talk.heard.untouched.empty());
    CHECK(talk.server.closed.size() == 1);  // nothing of it is left
    talk.exchange(2, {.body = dns_message(2)});
    CHECK(talk.heard.replies[2] == dns_message(2));
    CHECK(talk.heard.failures.size() == 1);
  }
}

TEST_CASE("http2: the largest message, both ways") {
  Http2Talk talk;
  talk.ask(1, 65535);
  talk.move();
  const auto requests = talk.server.take_requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].body == dns_message(1, 65535));
  talk.server.reply(requests[0].stream, {.body = requests[0].body});
  talk.move();
  CHECK(talk.heard.replies[1] == dns_message(1, 65535));
}

TEST_CASE("http2: a reply before the final one is none") {
  Http2Talk talk;
  talk.ask(1);
  talk.move();
  const auto requests = talk.server.take_requests();
  for (int i = 0; i < 3; ++i) talk.server.early(requests[0].stream, 103);
  talk.move();
  CHECK(talk.heard.failures.empty());
  talk.server.reply(requests[0].stream, {.body = dns_message(1)});
  talk.move();
  CHECK(talk.heard.replies.size() == 1);
}

TEST_CASE("http2: bodies that never end have one bound") {
  Http2Talk talk;
  for (uint16_t id = 1; id <= 40; ++id) talk.ask(id);
  talk.move();
  for (const auto& request : talk.server.take_requests())
    talk.server.reply(request.stream, {.body = dns_message(1, 60000), .whole = false});
  talk.move();
  CHECK(talk.heard.replies.empty());
  CHECK(talk.heard.failures.size() > 20);  // 17 of them are 1 MiB
  CHECK(talk.heard.failures.size() < 25);
  for (const auto& [id, text] : talk.heard.failures) CHECK(text == "http2: too much at once");
}

TEST_CASE("http2: a stream that the upstream ends") {
  const struct {
    uint32_t code;
    const char* failure;
    bool untouched;
  } rows[] = {{NGHTTP2_REFUSED_STREAM, "stream error: stream ID 1; REFUSED_STREAM", true},
              {NGHTTP2_INTERNAL_ERROR, "stream error: stream ID 1; INTERNAL_ERROR", false},
              {NGHTTP2_NO_ERROR, "stream error: stream ID 1; NO_ERROR", false}};
  for (const auto& row : rows) {
    Http2Talk talk;
    talk.ask(1);
    talk.move();
    talk.server.reset(talk.server.take_requests()[0].stream, row.code);
    talk.move();
    CHECK(talk.heard.failures[1] == row.failure);
    CHECK(talk.heard.untouched.contains(1) == row.untouched);
    talk.exchange(2, {.body = dns_message(2)});
    CHECK(talk.heard.replies.size() == 1);
  }
}

TEST_CASE("http2: behind GOAWAY the last replies come, and others are untouched") {
  Http2Talk talk(false, {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 3}});
  talk.move();
  for (uint16_t id = 1; id <= 5; ++id) talk.ask(id);
  talk.move();
  const auto requests = talk.server.take_requests();
  REQUIRE(requests.size() == 3);
  CHECK(talk.http.takes_more());
  talk.server.go_away(requests[0].stream);
  talk.move();
  CHECK_FALSE(talk.http.takes_more());
  CHECK(talk.heard.untouched == std::set<uint16_t>{2, 3, 4, 5});
  CHECK(talk.heard.failures[4] == "http2: server sent GOAWAY; ErrCode=NO_ERROR");
  CHECK(talk.http.error().empty());
  talk.server.reply(requests[0].stream, {.body = dns_message(1)});
  talk.move();
  CHECK(talk.heard.replies.size() == 1);
  CHECK_FALSE(talk.http.error().empty());  // there is nothing left to be said
}

TEST_CASE("http2: no more questions are under way than the upstream takes") {
  for (const uint32_t most : {1U, 2U}) {
    Http2Talk talk(false, {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, most}});
    CHECK(talk.http.width() == kMaxHttpStreams);  // nobody knows yet
    talk.move();
    CHECK(talk.http.width() == most);
    CHECK(talk.upstream.streams == most);  // the next connection knows
    for (uint16_t id = 1; id <= 6; ++id) talk.ask(id);
    CHECK(talk.http.give_up(6));
    CHECK_FALSE(talk.http.give_up(1));  // it is asked already
    for (int i = 0; i < 5; ++i) {
      talk.move();
      const auto requests = talk.server.take_requests();
      CHECK(requests.size() <= most);
      for (const auto& request : requests)
        talk.server.reply(request.stream, {.body = request.body});
    }
    talk.move();
    CHECK(talk.heard.replies.size() == 5);
  }
}

TEST_CASE("http2: an upstream that takes no questions at all") {
  Http2Talk talk(false, {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0}});
  talk.move();
  CHECK_FALSE(talk.http.takes_more());
  CHECK(talk.upstream.streams == 1);
}

TEST_CASE("http2: a listener may ask and give up from within") {
  Http2Talk talk;
  talk.heard.also = [&] {
    if (talk.heard.replies.size() < 5) talk.ask(static_cast<uint16_t>(talk.heard.replies.size()));
  };
  talk.ask(100);
  for (int i = 0; i < 6; ++i) {
    talk.move();
    for (const auto& request : talk.server.take_requests())
      talk.server.reply(request.stream, {.body = request.body});
  }
  CHECK(talk.heard.replies.size() == 5);
  CHECK(talk.heard.failures.empty());
}

TEST_CASE("http2: what is no HTTP/2 ends the connection") {
  const std::string plain = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
  const Octets data_of_nobody{0, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0};
  const Octets too_long{0xff, 0xff, 0xff, 4, 0, 0, 0, 0, 0};
  const Octets push{0, 0, 4, 5, 4, 0, 0, 0, 1, 0, 0, 0, 2};
  for (const Octets& octets :
       {Octets(plain.begin(), plain.end()), data_of_nobody, too_long, push}) {
    Http2Talk talk;
    talk.ask(1);
    said_by(talk.http);
    give(talk.http, octets);
    CHECK_FALSE(talk.http.error().empty());
    CHECK_FALSE(talk.http.takes_more());
    CHECK(talk.heard.replies.empty());
    give(talk.http, octets);  // nothing is heard any more
  }
}

TEST_CASE("http2: a flood of pings is not answered without a bound") {
  Http2Talk talk;
  talk.move();
  Octets ping{0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
  size_t given = 0;
  while (talk.http.error().empty() && given < 100'000) {
    give(talk.http, ping);  // and nothing is taken
    ++given;
  }
  CHECK_FALSE(talk.http.error().empty());
  CHECK(talk.http.unsent() < size_t{512} * 1024);
}

}  // namespace
}  // namespace fairlead::forward
