#include "listen/udp_batch.h"

#include <algorithm>
#include <cstring>

#include "listen/udp_reply.h"
#include "net/control_message.h"

namespace fairlead::listen {
namespace {

template <typename T>
T read_value(const cmsghdr& header) {
  T value;
  std::memcpy(&value, CMSG_DATA(&header), sizeof value);
  return value;
}

}  // namespace

UdpBatch::UdpBatch()
    : queries_(kMessages * kStride), replies_(kMessages * (dns::kMaxUdpReply + 8)) {
  for (size_t i = 0; i < kMessages; ++i) {
    in_vectors_[i] = {queries_.data() + i * kStride, kLargestQuery};
    in_[i].msg_hdr.msg_iov = &in_vectors_[i];
    in_[i].msg_hdr.msg_iovlen = 1;
    in_[i].msg_hdr.msg_name = &clients_[i];
    in_[i].msg_hdr.msg_control = &in_control_[i];
    out_[i].msg_hdr.msg_iov = &out_vectors_[i];
    out_[i].msg_hdr.msg_iovlen = 1;
  }
}

int UdpBatch::receive(int socket) {
  for (size_t i = 0; i < received_; ++i) {
    in_[i].msg_hdr.msg_namelen = sizeof clients_[i];
    in_[i].msg_hdr.msg_controllen = sizeof in_control_[i];
    out_control_size_[i] = 0;
  }
  reply_end_ = 0;
  reply_count_ = 0;
  const int n = ::recvmmsg(socket, in_.data(), kMessages, MSG_DONTWAIT, nullptr);
  received_ = n > 0 ? static_cast<size_t>(n) : 0;
  return n;
}

bool UdpBatch::read(size_t i, net::Request& request) {
  msghdr& header = in_[i].msg_hdr;
  request.packet = {queries_.data() + i * kStride, std::min<size_t>(in_[i].msg_len, kLargestQuery)};
  request.client = net::endpoint_of(clients_[i]);
  request.scope_id = net::scope_id_of(clients_[i]);
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c))
    read_control(*c, i, request.local.address);
  return (header.msg_flags & MSG_TRUNC) == 0;
}

/// Takes over what the kernel tells, and prepares the control message that sends the reply from the
/// same address.
void UdpBatch::read_control(const cmsghdr& header, size_t i, dns::IpAddress& local) {
  uint8_t* reply = out_control_[i].octets.data();
  if (header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_PKTINFO) {
    auto info = read_value<in6_pktinfo>(header);
    local = net::address_of(info.ipi6_addr);
    // Only a link-local address needs its interface; elsewhere the routing table knows the way back
    // better.
    if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
    out_control_size_[i] = net::write_control(reply, IPPROTO_IPV6, IPV6_PKTINFO, info);
  } else if (header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_PKTINFO) {
    const auto info = read_value<in_pktinfo>(header);
    const auto* octets = reinterpret_cast<const uint8_t*>(&info.ipi_addr);
    local = dns::IpAddress(std::span<const uint8_t>(octets, sizeof info.ipi_addr));
    in_pktinfo from{};
    from.ipi_spec_dst = info.ipi_addr;
    out_control_size_[i] = net::write_control(reply, IPPROTO_IP, IP_PKTINFO, from);
  }
}

void UdpBatch::add_reply(size_t i, size_t size) {
  msghdr& header = out_[reply_count_].msg_hdr;
  out_vectors_[reply_count_] = {replies_.data() + reply_end_, size};
  header.msg_name = &clients_[i];
  header.msg_namelen = in_[i].msg_hdr.msg_namelen;
  header.msg_control = out_control_size_[i] == 0 ? nullptr : &out_control_[i];
  header.msg_controllen = out_control_size_[i];
  ++reply_count_;
  reply_end_ += (size + 7) & ~size_t{7};
}

size_t UdpBatch::send(int socket) {
  return send_messages(socket, std::span(out_).first(reply_count_));
}

}  // namespace fairlead::listen
