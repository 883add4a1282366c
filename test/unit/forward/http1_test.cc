#include "forward/http1.h"

#include <doctest/doctest.h>

#include "test/unit/forward/heard.h"

namespace fairlead::forward {
namespace {

using Octets = std::vector<uint8_t>;

std::string text_of(const Octets& octets) {
  return {octets.begin(), octets.end()};
}

// What a server says.
std::string reply(const Octets& body, const std::string& status = "200 OK",
                  const std::string& type = "application/dns-message",
                  const std::string& more = "") {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" +
         text_of(body);
}

struct Http1Talk {
  explicit Http1Talk(bool get = false)
      : upstream({.transport = Transport::Https,
                  .address = *dns::IpAddress::from_text("192.0.2.1"),
                  .port = 8443},
                 get),
        http(upstream, heard) {}

  void ask(uint16_t id) { http.ask(id, dns_message(static_cast<uint8_t>(id))); }
  void say(const std::string& text, size_t piece = SIZE_MAX) {
    give(http, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}, piece);
  }

  DohUpstream upstream;
  Heard heard;
  Http1 http;
};

TEST_CASE("http1: a question is a request, its reply is the body") {
  const Octets question = dns_message(7);
  {
    Http1Talk talk;
    talk.ask(7);
    CHECK(text_of(said_by(talk.http)) ==
          "POST /dns-query HTTP/1.1\r\nHost: 192.0.2.1:8443\r\nAccept: application/dns-message\r\n"
          "Content-Type: application/dns-message\r\nContent-Length: 20\r\n\r\n" +
              text_of(question));
    talk.say(reply(dns_message(8)));
    CHECK(talk.heard.replies[7] == dns_message(8));
  }
  Http1Talk talk(true);
  talk.ask(7);
  CHECK(text_of(said_by(talk.http)) ==
        "GET " + doh_target(question) +
            " HTTP/1.1\r\nHost: 192.0.2.1:8443\r\nAccept: application/dns-message\r\n\r\n");
  talk.say(reply(dns_message(8)));
  CHECK(talk.heard.replies[7] == dns_message(8));
  CHECK(talk.http.takes_more());
}

TEST_CASE("http1: one question at a time, in their order") {
  for (const size_t piece : {size_t{1}, size_t{7}, SIZE_MAX}) {
    Http1Talk talk;
    CHECK(talk.http.width() == 1);
    for (uint16_t id = 1; id <= 4; ++id) talk.ask(id);
    CHECK(talk.http.give_up(3));
    CHECK_FALSE(talk.http.give_up(1));
    for (const uint16_t id : {1, 2, 4}) {
      const std::string said = text_of(said_by(talk.http));
      CHECK(said.ends_with(text_of(dns_message(static_cast<uint8_t>(id)))));
      CHECK(said.find("POST", 1) == std::string::npos);
      talk.say(reply(dns_message(static_cast<uint8_t>(id))), piece);
      CHECK(talk.heard.replies.contains(id));
    }
    CHECK(said_by(talk.http).empty());
  }
}

TEST_CASE("http1: forms of a reply") {
  const std::string body = text_of(dns_message(1));
  const std::string type = "HTTP/1.1 200 OK\r\ncontent-type: application/dns-message\r\n";
  for (const std::string& said : {
           type + "Transfer-Encoding: chunked\r\n\r\na\r\n" + body.substr(0, 10) + "\r\na\r\n" +
               body.substr(10) + "\r\n0\r\n\r\n",
           "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + reply(dns_message(1)),
           "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + reply(dns_message(1)),
       }) {
    Http1Talk talk;
    talk.ask(1);
    talk.say(said);
    CHECK(talk.heard.replies[1] == dns_message(1));
    CHECK(talk.http.takes_more());
    CHECK(talk.http.error().empty());
  }
  for (const std::string& said : {
           reply(dns_message(1), "200 OK", "application/dns-message", "Connection: close\r\n"),
           "HTTP/1.0 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: "
           "20\r\n\r\n" +
               body,
       }) {
    Http1Talk talk;
    talk.ask(1);
    talk.ask(2);
    talk.say(said + "what comes behind it");
    CHECK(talk.heard.replies[1] == dns_message(1));
    CHECK(talk.heard.untouched == std::set<uint16_t>{2});
    CHECK_FALSE(talk.http.takes_more());
  }
}

TEST_CASE("http1: a reply that ends with the connection") {
  Http1Talk talk;
  talk.ask(1);
  talk.ask(2);
  talk.say("HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\n\r\n" +
           text_of(dns_message(1)));
  CHECK(talk.heard.replies.empty());
  CHECK(talk.http.has_begun());
  talk.http.ended();
  CHECK(talk.heard.replies[1] == dns_message(1));
  CHECK(talk.heard.untouched == std::set<uint16_t>{2});
  Http1Talk cut;
  cut.ask(1);
  cut.say(
      "HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: 20\r\n\r\nx");
  cut.http.ended();
  CHECK(cut.heard.replies.empty());
}

TEST_CASE("http1: what is no answer is a failure, and the next question is asked") {
  const struct {
    std::string said;
    const char* failure;
  } rows[] = {
      {reply(Octets(100), "404 Not Found", "text/html"), "unexpected HTTP status 404"},
      {reply({}, "503 No", "text/html"), "unexpected HTTP status 503"},
      {"HTTP/1.1 204 No Content\r\n\r\n", "unexpected content type \"\""},
      {reply(dns_message(1), "200 OK", "text/html"), "unexpected content type \"text/html\""},
      {reply(Octets(20, 1)), "dns: id mismatch"},
      {reply(Octets(11)), "dns: reply is too short"},
      {reply({}), "dns: reply is too short"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.failure);
    Http1Talk talk;
    talk.ask(1);
    talk.ask(2);
    talk.say(row.said);
    CHECK(talk.heard.failures[1] == row.failure);
    CHECK(talk.heard.untouched.empty());
    talk.say(reply(dns_message(2)));
    CHECK(talk.heard.replies[2] == dns_message(2));
  }
}

TEST_CASE("http1: what is no HTTP ends the connection") {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\n";
  const struct {
    std::string said;
    const char* error;
  } rows[] = {
      {"SSH-2.0-x\r\n\r\n", "http: malformed response"},
      {std::string(40, '\0'), "http: malformed response"},
      {head + "Content-Length: x\r\n\r\n", "http: malformed response"},
      {head + "X: " + std::string(20000, 'x'), "http: the header is too large"},
      {head + "Content-Length: 65536\r\n\r\n", "http: the body is too large"},
      {head + "Content-Length: 65536\r\n\r\n" + std::string(65536, '\0'),
       "http: the body is too large"},
      {head + "Transfer-Encoding: chunked\r\n\r\nfffff\r\n" + std::string(70000, 'x'),
       "http: the body is too large"},
      {head + "\r\n" + std::string(70000, 'x'), "http: the body is too large"},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "http: the protocol is switched"},
      {reply(dns_message(1)) + reply(dns_message(1)), "http: a response that nobody has asked for"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.error);
    Http1Talk talk;
    talk.ask(1);
    talk.say(row.said);
    CHECK(talk.http.error() == row.error);
    CHECK_FALSE(talk.http.takes_more());
    CHECK(talk.heard.failures.empty());  // whoever closes the connection tells it
  }
}

TEST_CASE("http1: a second response is nobody's") {
  Http1Talk talk;
  talk.heard.also = [&] { talk.ask(2); };
  talk.ask(1);
  talk.say(reply(dns_message(1)) + reply(dns_message(9)));
  CHECK(talk.heard.replies.size() == 1);
  CHECK(talk.heard.replies[1] == dns_message(1));
  CHECK(talk.http.error() == "http: a response that nobody has asked for");
}

TEST_CASE("http1: a listener may ask from within") {
  Http1Talk talk;
  talk.heard.also = [&] {
    if (talk.heard.replies.size() < 3) talk.ask(static_cast<uint16_t>(talk.heard.replies.size()));
  };
  talk.ask(100);
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(said_by(talk.http).empty());
    talk.say(reply(dns_message(1)));
  }
  CHECK(talk.heard.replies.size() == 3);
}

}  // namespace
}  // namespace fairlead::forward
