// What the tests of both transports share: a sink that collects, and a client that runs until it
// has.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "k8s-watch/transport.h"
#include "net/asio.h"
#include "test/unit/k8s-watch/http_server.h"
// Last, because its macros have short names.
#include <doctest/doctest.h>

namespace fairlead::k8s_watch::test {

// Collects one response; runs the io_context until it has ended.
struct Received : HttpSink {
  int status = 0;
  std::string retry_after, body, error;
  bool ended = false;
  int pieces = 0;
  size_t largest = 0;
  std::function<void()> at_piece;

  void on_head(const HttpHead& head) override {
    CHECK(status == 0);
    status = head.status;
    retry_after = head.retry_after;
  }
  void on_body(std::string_view octets) override {
    CHECK(status != 0);
    CHECK_FALSE(ended);
    ++pieces;
    largest = std::max(largest, octets.size());
    body += octets;
    if (at_piece) at_piece();
  }
  void on_end(const std::string& text) override {
    CHECK_FALSE(ended);
    ended = true;
    error = text;
  }
};

struct Client {
  asio::io_context io{1};
  std::unique_ptr<Transport> transport;

  explicit Client(const ApiAccess& access) : transport(make_transport(io, access)) {}

  ~Client() {
    transport.reset();
    io.restart();
    io.run();
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void run(Received& received) {
    io.restart();
    while (!received.ended && io.run_one() > 0) {
    }
  }

  Received get(HttpRequest request) {
    Received received;
    const auto exchange = transport->send(std::move(request), received);
    run(received);
    return received;
  }
};

inline ApiAccess access_to(const std::string& url, const std::string& ca = "") {
  ApiAccess access;
  access.url = url;
  access.ca_pem = ca;
  return access;
}

inline HttpRequest patient(const std::string& target) {
  HttpRequest request;
  request.target = target;
  return request;
}

// Answers every request of a connection with the same octets.
inline HttpServer::Script always(const std::string& octets) {
  return [octets](Peer& peer) {
    while (peer.read()) peer.write(octets);
  };
}

}  // namespace fairlead::k8s_watch::test
