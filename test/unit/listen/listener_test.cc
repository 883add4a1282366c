#include "listen/listener.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "test/unit/support/client.h"

namespace fairlead::listen {

using namespace test;

namespace {

net::ListenAddress address_of(const std::string& text, uint16_t port) {
  net::ListenAddress out;
  out.address = *dns::IpAddress::from_text(text);
  out.port = port;
  return out;
}

std::string error_of(const net::ListenAddress& address, const ListenOptions& options = {}) {
  try {
    open_listen_sockets(address, options);
  } catch (const ListenError& e) {
    return e.what();
  }
  return "no error";
}

int int_option(int fd, int level, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(fd, level, option, &value, &size);
  return value;
}

uint16_t port_of(int fd) {
  net::SocketAddress address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, &address.any, &size);
  return net::endpoint_of(address).port;
}

size_t open_files() {
  size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++n;
  return n;
}

TEST_CASE("listener: addresses as text") {
  net::ListenAddress wildcard;
  wildcard.wildcard = true;
  net::ListenAddress scoped = address_of("fe80::1", 53);
  scoped.scope = "eth0";
  CHECK(wildcard.to_text() == ":53");
  CHECK(address_of("10.0.0.1", 5353).to_text() == "10.0.0.1:5353");
  CHECK(address_of("2001:db8::1", 53).to_text() == "[2001:db8::1]:53");
  CHECK(scoped.to_text() == "[fe80::1%eth0]:53");
}

TEST_CASE("listener: every worker gets a UDP and a listening TCP socket on one port") {
  ListenOptions options;
  options.sockets = 3;
  options.receive_buffer = 65536;
  const auto all = open_listen_sockets(address_of("127.0.0.1", 0), options);
  REQUIRE(all.size() == 3);
  const uint16_t port = all[0].local.port;
  CHECK(port != 0);
  for (const WorkerSockets& one : all) {
    CHECK(one.local == at("127.0.0.1", port));
    CHECK_FALSE(one.per_packet_address);
    for (const int fd : {one.udp.get(), one.tcp.get()}) {
      CHECK(port_of(fd) == port);
      CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
      CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(int_option(one.tcp.get(), SOL_SOCKET, SO_ACCEPTCONN) == 1);
    CHECK(int_option(one.udp.get(), SOL_SOCKET, SO_RCVBUF) ==
          2 * 65536);  // the kernel doubles it (socket(7))
    CHECK(int_option(one.udp.get(), IPPROTO_IP, IP_MTU_DISCOVER) == IP_PMTUDISC_OMIT);
  }
}

TEST_CASE("listener: the wildcard takes both families and tells the address of each datagram") {
  net::ListenAddress wildcard;
  wildcard.wildcard = true;
  wildcard.port = 0;
  const auto all = open_listen_sockets(wildcard, {});
  CHECK(all[0].per_packet_address);
  const int fd = all[0].udp.get();
  if (has_ipv6()) {
    CHECK(int_option(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0);
    CHECK(int_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO) == 1);
    CHECK(int_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER) == IPV6_PMTUDISC_OMIT);
    CHECK(tcp_client(at("::1", all[0].local.port)).is_open());
  } else {
    CHECK(int_option(fd, IPPROTO_IP, IP_PKTINFO) == 1);
  }
  CHECK(tcp_client(at("127.0.0.1", all[0].local.port)).is_open());
}

TEST_CASE("listener: one IPv6 address does not take the IPv4 port") {
  if (!has_ipv6()) return;
  const auto v6 = open_listen_sockets(address_of("::1", 0), {});
  CHECK_NOTHROW(open_listen_sockets(address_of("127.0.0.1", v6[0].local.port), {}));
}

TEST_CASE(
    "listener: a port that somebody shares is refused with its transport, and nothing stays open") {
  ListenOptions options;
  options.sockets = 2;
  auto taken = open_listen_sockets(address_of("127.0.0.1", 0), {});
  const uint16_t port = taken[0].local.port;
  const std::string where = " 127.0.0.1:" + std::to_string(port) + ": bind: address already in use";
  const size_t before = open_files();
  CHECK(error_of(address_of("127.0.0.1", port), options) == "listen udp" + where);
  taken[0].udp.reset();
  CHECK(error_of(address_of("127.0.0.1", port), options) == "listen tcp" + where);
  CHECK(open_files() == before - 1);
  taken.clear();
  CHECK_NOTHROW(open_listen_sockets(address_of("127.0.0.1", port), options));
}

TEST_CASE("listener: a port of this process may be shared when it says so") {
  const auto ours = open_listen_sockets(address_of("127.0.0.1", 0), {});
  ListenOptions sharing;
  sharing.check_free = false;
  CHECK_NOTHROW(open_listen_sockets(address_of("127.0.0.1", ours[0].local.port), sharing));
  net::ListenAddress wildcard;
  wildcard.wildcard = true;
  wildcard.port = ours[0].local.port;
  CHECK_NOTHROW(open_listen_sockets(wildcard, sharing));
}

TEST_CASE("listener: addresses that are not this host's") {
  CHECK(error_of(address_of("192.0.2.1", 5353)) ==
        "listen udp 192.0.2.1:5353: bind: cannot assign requested address");
  net::ListenAddress scoped = address_of("fe80::1", 5353);
  scoped.scope = "no-such-if0";
  CHECK(error_of(scoped) == "listen [fe80::1%no-such-if0]:5353: no such interface");
}

/// What a process without privileges is told; empty when it could not be tried.
std::string error_without_privileges(const net::ListenAddress& address) {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  const net::FileDescriptor in(ends[0]);
  net::FileDescriptor out(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string text =
        ::geteuid() != 0 || ::setuid(65534) == 0 ? error_of(address) : "setuid failed";
    const ssize_t ignored = ::write(out.get(), text.data(), text.size());
    ::_exit(ignored < 0 ? 1 : 0);
  }
  out.reset();
  std::array<char, 1024> buffer;
  const ssize_t n = ::read(in.get(), buffer.data(), buffer.size());
  ::waitpid(child, nullptr, 0);
  return {buffer.data(), n > 0 ? static_cast<size_t>(n) : 0};
}

TEST_CASE("listener: a missing permission is explained") {
  int first = 1024;
  std::ifstream("/proc/sys/net/ipv4/ip_unprivileged_port_start") >> first;
  // Where every port is free to all, the same call must simply succeed.
  const std::string expected =
      first <= 53 ? "no error"
                  : "listen udp 127.0.0.77:53: bind: permission denied (a port below " +
                        std::to_string(first) +
                        " needs the capability NET_BIND_SERVICE, or a lower "
                        "net.ipv4.ip_unprivileged_port_start)";
  CHECK(error_without_privileges(address_of("127.0.0.77", 53)) == expected);
}

}  // namespace
}  // namespace fairlead::listen
