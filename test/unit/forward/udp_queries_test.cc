#include "forward/udp_queries.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace fairlead::forward {
namespace {

/// A bound socket, and one that is connected to it.
struct Pair {
  Pair() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(upstream, any, size) == 0);
    REQUIRE(::getsockname(upstream, any, &size) == 0);
    socket.fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    REQUIRE(::connect(socket.fd, any, size) == 0);
  }
  ~Pair() {
    close_upstream();
    ::close(socket.fd);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  void close_upstream() {
    if (upstream >= 0) ::close(upstream);
    upstream = -1;
  }
  /// All that came.
  std::vector<std::string> received() const {
    std::vector<std::string> out;
    std::string text(dns::kMaxUpstreamQuery, '\0');
    for (;;) {
      const ssize_t n = ::recv(upstream, text.data(), text.size(), MSG_DONTWAIT);
      if (n < 0) return out;
      out.push_back(text.substr(0, static_cast<size_t>(n)));
    }
  }

  int upstream = ::socket(AF_INET, SOCK_DGRAM, 0);
  UdpSocket socket;
};

void add(UdpQueries& queries, Pair& pair, const std::string& text) {
  queries.add(pair.socket, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

using Texts = std::vector<std::string>;

TEST_CASE("UDP queries: each leaves by its socket, in order") {
  Pair a, b;
  UdpQueries queries;
  add(queries, a, "a1");
  add(queries, b, "b1");
  add(queries, a, "a two");
  CHECK(queries.size() == 3);
  CHECK(a.received().empty());
  CHECK(queries.send());
  CHECK(queries.size() == 0);
  CHECK(a.received() == Texts{"a1", "a two"});
  CHECK(b.received() == Texts{"b1"});
  CHECK(queries.send());
  CHECK(a.received().empty());
}

TEST_CASE("UDP queries: as many as fit, the longest that there are") {
  Pair a;
  UdpQueries queries;
  const std::string longest(dns::kMaxUpstreamQuery, 'x');
  while (!queries.full()) add(queries, a, longest);
  CHECK(queries.send());
  CHECK(a.received() == Texts(UdpQueries::kMost, longest));
}

TEST_CASE("UDP queries: those of a socket that was closed since are dropped") {
  Pair a, b;
  UdpQueries queries;
  add(queries, a, "of the old one");
  add(queries, b, "b");
  ++a.socket.generation;
  add(queries, a, "of the new one");
  CHECK(queries.send());
  CHECK(a.received() == Texts{"of the new one"});
  CHECK(b.received() == Texts{"b"});
}

TEST_CASE("UDP queries: a socket that cannot send says so, the others send") {
  Pair gone, b;
  gone.close_upstream();
  UdpQueries queries;
  add(queries, gone, "lost");
  REQUIRE(queries.send());
  pollfd refused{.fd = gone.socket.fd, .events = POLLIN, .revents = 0};
  REQUIRE(::poll(&refused, 1, 5000) == 1);  // the kernel has heard that nobody listens
  add(queries, gone, "lost, too");
  add(queries, b, "b");
  CHECK_FALSE(queries.send());
  CHECK(gone.socket.send_error == ECONNREFUSED);
  CHECK(b.socket.send_error == 0);
  CHECK(b.received() == Texts{"b"});
}

}  // namespace
}  // namespace fairlead::forward
