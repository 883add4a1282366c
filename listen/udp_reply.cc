#include "listen/udp_reply.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

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

UdpReplies::UdpReplies(const UdpSocketKind& kind)
    : kind_(kind), octets_(kMost * dns::kMaxUdpReply) {}

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
  const size_t i = count_++;
  uint8_t* octets = octets_.data() + i * dns::kMaxUdpReply;
  std::memcpy(octets, reply.data(), std::min(reply.size(), dns::kMaxUdpReply));
  vectors_[i] = {octets, std::min(reply.size(), dns::kMaxUdpReply)};
  msghdr& message = messages_[i].msg_hdr;
  message = {};
  message.msg_iov = &vectors_[i];
  message.msg_iovlen = 1;
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
  return send_messages(socket, std::span(messages_).first(std::exchange(count_, 0)));
}

size_t send_messages(int socket, std::span<mmsghdr> messages) {
  size_t failed = 0;
  for (size_t done = 0; done < messages.size();) {
    const auto left = static_cast<unsigned>(messages.size() - done);
    const int n = ::sendmmsg(socket, messages.data() + done, left, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) {
      done += static_cast<size_t>(n);
    } else if (n < 0 && errno == EINTR) {
      continue;
    } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return failed + left;  // the send buffer is full: waiting would only make everybody late
    } else {
      ++failed;
      ++done;
    }
  }
  return failed;
}

}  // namespace fairlead::listen
