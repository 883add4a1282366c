#include "server/udp_reply.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "server/control_message.h"
#include "server/socket_address.h"

namespace fairlead::server {
namespace {

union Control {
  cmsghdr align;
  std::array<uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> octets;
};

// An IPv4 address as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).
sockaddr_in6 mapped(const Endpoint& endpoint, uint32_t scope_id) {
  sockaddr_in6 out{};
  out.sin6_family = AF_INET6;
  out.sin6_port = htons(endpoint.port);
  out.sin6_scope_id = scope_id;
  const std::span<const uint8_t> octets = endpoint.address.octets();
  if (octets.size() == 4) out.sin6_addr.s6_addr[10] = out.sin6_addr.s6_addr[11] = 0xff;
  std::memcpy(out.sin6_addr.s6_addr + 16 - octets.size(), octets.data(), octets.size());
  return out;
}

size_t write_source(const UdpSocketKind& kind, const Peers& peers, Control& control) {
  if (kind.v6) {
    in6_pktinfo from{};
    from.ipi6_addr = mapped(peers.local, 0).sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&from.ipi6_addr)) from.ipi6_ifindex = peers.scope_id;
    return write_control(control.octets.data(), IPPROTO_IPV6, IPV6_PKTINFO, from);
  }
  in_pktinfo from{};
  std::memcpy(&from.ipi_spec_dst, peers.local.address.octets().data(), sizeof from.ipi_spec_dst);
  return write_control(control.octets.data(), IPPROTO_IP, IP_PKTINFO, from);
}

}  // namespace

bool send_reply(int socket, const UdpSocketKind& kind, const Peers& peers,
                std::span<const uint8_t> reply) {
  SocketAddress client{};
  socklen_t client_size = sizeof client.v6;
  if (kind.v6) {
    client.v6 = mapped(peers.client, peers.scope_id);
  } else {
    client_size = to_socket_address(peers.client, 0, client);
  }
  iovec vector{const_cast<uint8_t*>(reply.data()), reply.size()};
  Control control{};
  msghdr message{};
  message.msg_name = &client;
  message.msg_namelen = client_size;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (kind.per_packet_address) {
    message.msg_controllen = write_source(kind, peers, control);
    message.msg_control = &control;
  }
  for (;;) {
    if (::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return true;
    if (errno != EINTR) return false;
  }
}

}  // namespace fairlead::server
