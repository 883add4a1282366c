// The floor under every UDP answerer on this machine: each datagram goes back as it came, with the
// QR bit set, in batches of 32 by recvmmsg and sendmmsg, one SO_REUSEPORT socket per thread. What a
// DNS server costs more than this is its own doing.
//
//   udpecho PORT [THREADS]      loopback only
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

namespace {

constexpr size_t kBatch = 32;
constexpr size_t kDatagram = 4096;
constexpr size_t kHeader = 12;  // of a DNS message; shorter datagrams are dropped

// The buffers of one thread. The message headers point into them.
struct Batch {
  std::array<std::array<uint8_t, kDatagram>, kBatch> octets;
  std::array<sockaddr_in, kBatch> from{};
  std::array<iovec, kBatch> vectors{};
  std::array<mmsghdr, kBatch> messages{};

  void prepare() {
    for (size_t i = 0; i < kBatch; ++i) {
      vectors[i] = {octets[i].data(), octets[i].size()};
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_name = &from[i];
      messages[i].msg_hdr.msg_namelen = sizeof from[i];
    }
  }
};

int open_socket(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const int one = 1;
  const int queue = 4 << 20;
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof queue);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  std::perror("udpecho: bind");
  std::exit(1);
}

void serve(uint16_t port) {
  const int fd = open_socket(port);
  const auto batch = std::make_unique<Batch>();
  for (;;) {
    batch->prepare();
    const int received = recvmmsg(fd, batch->messages.data(), kBatch, MSG_WAITFORONE, nullptr);
    for (int i = 0; i < received; ++i) {
      batch->octets[i][2] |= 0x80;
      batch->vectors[i].iov_len =
          batch->messages[i].msg_len < kHeader ? 0 : batch->messages[i].msg_len;
    }
    for (int at = 0; at < received;) {
      const int sent = sendmmsg(fd, &batch->messages[at], static_cast<unsigned>(received - at), 0);
      if (sent <= 0) break;
      at += sent;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int port = argc > 1 ? std::atoi(argv[1]) : 0;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
  if (port <= 0 || port > 65535 || threads < 1) {
    std::fputs("usage: udpecho PORT [THREADS]\n", stderr);
    return 2;
  }
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back(serve, static_cast<uint16_t>(port));
  for (std::thread& thread : running) thread.join();
}
