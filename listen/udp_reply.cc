#include "listen/udp_reply.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "dns/render.h"
#include "net/control_message.h"

namespace fairlead::listen {
namespace {

// An IPv4 address as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).
sockaddr_in6 mapped(const net::Endpoint& endpoint, uint32_t scope_id) {
  sockaddr_in6 out{};
  out.sin6_family = AF_INET6;
  out.sin6_port = htons(endpoint.port);
  out.sin6_scope_id = scope_id;
  const std::span<const uint8_t> octets = endpoint.address.octets();
  if (octets.size() == 4) out.sin6_addr.s6_addr[10] = out.sin6_addr.s6_addr[11] = 0xff;
  std::memcpy(out.sin6_addr.s6_addr + 16 - octets.size(), octets.data(), octets.size());
  return out;
}

}  // namespace

UdpReplies::UdpReplies(const UdpSocketKind& kind) : kind_(kind), queue_(dns::kMaxUdpReply) {}

size_t UdpReplies::write_source(const net::Peers& peers, Control& control) const {
  if (kind_.v6) {
    in6_pktinfo from{};
    from.ipi6_addr = mapped(peers.local, 0).sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&from.ipi6_addr)) from.ipi6_ifindex = peers.scope_id;
    return net::write_control(control.octets.data(), IPPROTO_IPV6, IPV6_PKTINFO, from);
  }
  in_pktinfo from{};
  std::memcpy(&from.ipi_spec_dst, peers.local.address.octets().data(), sizeof from.ipi_spec_dst);
  return net::write_control(control.octets.data(), IPPROTO_IP, IP_PKTINFO, from);
}

void UdpReplies::add(const net::Peers& peers, std::span<const uint8_t> reply) {
  const size_t i = queue_.size();
  msghdr& message = queue_.add(reply);
  message.msg_name = &clients_[i];
  if (kind_.v6) {
    clients_[i].v6 = mapped(peers.client, peers.scope_id);
    message.msg_namelen = sizeof clients_[i].v6;
  } else {
    message.msg_namelen = net::to_socket_address(peers.client, 0, clients_[i]);
  }
  if (!kind_.per_packet_address) return;
  message.msg_controllen = write_source(peers, control_[i]);
  message.msg_control = &control_[i];
}

size_t UdpReplies::send(int socket) {
  const size_t failed = send_messages(socket, queue_.messages());
  queue_.clear();
  return failed;
}

size_t send_messages(int socket, std::span<mmsghdr> messages) {
  size_t failed = 0;
  while (const int error = net::send_messages(socket, messages)) {
    // The send buffer is full: waiting would only make everybody late.
    if (error == EAGAIN || error == EWOULDBLOCK) return failed + messages.size();
    ++failed;
    messages = messages.subspan(1);
  }
  return failed;
}

}  // namespace fairlead::listen
