#include "listen/listener.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <utility>

#include "net/socket_address.h"

namespace fairlead::listen {
namespace {

constexpr int kFreePortTries = 16;

/// One address as the kernel wants it.
struct Target {
  std::string text;
  net::Endpoint endpoint;
  uint32_t scope_id = 0;
  bool wildcard = false;
};

const char* transport_name(int type) {
  return type == SOCK_DGRAM ? "udp" : "tcp";
}

/// The limit below which a port needs a capability; 1024 where the kernel does not tell.
int first_unprivileged_port() {
  std::ifstream file("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  int port = 1024;
  return file >> port ? port : 1024;
}

[[noreturn]] void fail(const Target& target, int type, const char* call, int error) {
  std::string text = std::string("listen ") + transport_name(type) + " " + target.text + ": " +
                     call + ": " + net::error_text(error);
  if (error == EACCES && target.endpoint.port != 0) {
    text +=
        " (a port below " + std::to_string(first_unprivileged_port()) +
        " needs the capability NET_BIND_SERVICE, or a lower net.ipv4.ip_unprivileged_port_start)";
  }
  throw ListenError(text);
}

Target target_of(const net::ListenAddress& address) {
  Target target{address.to_text(), {address.address, address.port}, 0, address.wildcard};
  if (address.wildcard) {
    const std::array<uint8_t, 16> zeros{};
    const std::span<const uint8_t> octets(zeros);
    target.endpoint.address = dns::IpAddress(has_ipv6() ? octets : octets.first(4));
  }
  if (!address.scope.empty()) {
    target.scope_id = if_nametoindex(address.scope.c_str());
    if (target.scope_id == 0) throw ListenError("listen " + target.text + ": no such interface");
  }
  return target;
}

void set(int socket, int level, int option, int value) {
  // Every option set this way only improves things; a kernel without it serves all the same.
  static_cast<void>(::setsockopt(socket, level, option, &value, sizeof value));
}

net::FileDescriptor open_socket(const Target& target, int type) {
  const bool v6 = target.endpoint.address.is_v6();
  net::FileDescriptor socket(
      ::socket(v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) fail(target, type, "socket", errno);
  if (v6) {
    const int only = target.wildcard ? 0 : 1;
    if (::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) != 0) {
      fail(target, type, "setsockopt", errno);
    }
  }
  // A restart must not wait for the connections that the last process closed.
  if (type == SOCK_STREAM) set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  return socket;
}

void bind_to(const net::FileDescriptor& socket, const Target& target, int type) {
  net::SocketAddress address{};
  const socklen_t size = net::to_socket_address(target.endpoint, target.scope_id, address);
  if (::bind(socket.get(), &address.any, size) != 0) fail(target, type, "bind", errno);
}

void check_free(const Target& target, bool datagrams) {
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    if (datagrams || type == SOCK_STREAM) bind_to(open_socket(target, type), target, type);
  }
}

void share_port(const net::FileDescriptor& socket, const Target& target, int type) {
  const int on = 1;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
    fail(target, type, "setsockopt", errno);
}

net::FileDescriptor open_udp(const Target& target, const ListenOptions& options) {
  net::FileDescriptor socket = open_socket(target, SOCK_DGRAM);
  const int fd = socket.get();
  const int octets = options.receive_buffer;
  // The privileged option passes net.core.rmem_max, the other is cut to it.
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets) != 0) {
    set(fd, SOL_SOCKET, SO_RCVBUF, octets);
  }
  const bool v6 = target.endpoint.address.is_v6();
  // A forged "fragmentation needed" must not make replies fragment: path MTUs are not believed (RFC
  // 9715 §3).
  if (v6) set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
  if (!v6 || target.wildcard) set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
  if (target.wildcard) {
    set(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
        v6 ? static_cast<int>(IPV6_RECVPKTINFO) : static_cast<int>(IP_PKTINFO), 1);
  }
  share_port(socket, target, SOCK_DGRAM);
  bind_to(socket, target, SOCK_DGRAM);
  return socket;
}

net::FileDescriptor open_tcp(const Target& target, const ListenOptions& options) {
  net::FileDescriptor socket = open_socket(target, SOCK_STREAM);
  share_port(socket, target, SOCK_STREAM);
  bind_to(socket, target, SOCK_STREAM);
  if (::listen(socket.get(), options.backlog) != 0) fail(target, SOCK_STREAM, "listen", errno);
  return socket;
}

uint16_t bound_port(const net::FileDescriptor& socket) {
  net::SocketAddress address{};
  socklen_t size = sizeof address;
  return ::getsockname(socket.get(), &address.any, &size) == 0 ? net::endpoint_of(address).port
                                                               : uint16_t{0};
}

/// A port that both transports have free right now. Somebody may take it before it is used.
uint16_t free_port(const Target& target) {
  for (int i = 0;; ++i) {
    const net::FileDescriptor tcp = open_socket(target, SOCK_STREAM);
    bind_to(tcp, target, SOCK_STREAM);
    Target same = target;
    same.endpoint.port = bound_port(tcp);
    try {
      bind_to(open_socket(same, SOCK_DGRAM), same, SOCK_DGRAM);
      return same.endpoint.port;
    } catch (const ListenError&) {
      if (i == kFreePortTries) throw;
    }
  }
}

}  // namespace

bool has_ipv6() {
  const net::FileDescriptor socket(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return false;
  net::SocketAddress address{};
  const socklen_t size =
      net::to_socket_address({dns::IpAddress(std::array<uint8_t, 16>{}), 0}, 0, address);
  return ::bind(socket.get(), &address.any, size) == 0;
}

std::vector<WorkerSockets> open_listen_sockets(const net::ListenAddress& address,
                                               const ListenOptions& options) {
  Target target = target_of(address);
  if (address.port == 0) {
    target.endpoint.port = free_port(target);
  } else if (options.check_free) {
    check_free(target, options.datagrams);
  }
  std::vector<WorkerSockets> all(std::max<size_t>(options.sockets, 1));
  for (WorkerSockets& one : all) {
    if (options.datagrams) one.udp = open_udp(target, options);
    one.tcp = open_tcp(target, options);
    one.local = target.endpoint;
    one.per_packet_address = target.wildcard;
  }
  return all;
}

}  // namespace fairlead::listen
