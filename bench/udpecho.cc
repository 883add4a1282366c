// The floor under every UDP answerer on this machine: each datagram goes back as it came, with the
// QR bit set, in batches of 32 by recvmmsg and sendmmsg, one SO_REUSEPORT socket per thread. What a
// DNS server costs more than this is its own doing.
//
//   udpecho [-a] PORT [THREADS]      loopback only
//
// With -a it is an upstream that costs next to nothing: every question is answered with one A
// record of TTL 300, whatever its name and type.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace {

constexpr size_t kBatch = 32;
constexpr size_t kDatagram = 4096;
constexpr size_t kRoom = 64;    // behind a datagram, for the record of its answer
constexpr size_t kHeader = 12;  // of a DNS message; shorter datagrams are dropped

// The buffers of one thread. The message headers point into them.
struct Batch {
  std::array<std::array<uint8_t, kDatagram + kRoom>, kBatch> octets;
  std::array<sockaddr_in, kBatch> from{};
  std::array<iovec, kBatch> vectors{};
  std::array<mmsghdr, kBatch> messages{};

  void prepare() {
    for (size_t i = 0; i < kBatch; ++i) {
      vectors[i] = {octets[i].data(), kDatagram};
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_name = &from[i];
      messages[i].msg_hdr.msg_namelen = sizeof from[i];
    }
  }
};

// Where the question section of a message with one question ends; 0 when it has none.
size_t question_end(const uint8_t* octets, size_t size) {
  size_t at = kHeader;
  while (at < size && octets[at] != 0 && octets[at] < 64) at += octets[at] + 1;
  at += 1 + 4;  // the root label, type and class
  return at <= size ? at : 0;
}

// Turns a query into its answer, in place. Returns the size; 0 when it is no query.
size_t answer(uint8_t* octets, size_t size) {
  static constexpr uint8_t kRecord[] = {0xC0, kHeader, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1};
  const size_t end = size > kHeader ? question_end(octets, size) : 0;
  if (end == 0) return 0;
  octets[2] = 0x80 | (octets[2] & 1);  // QR, RD as it was
  octets[3] = 0x80;                    // RA
  static constexpr uint8_t kCounts[] = {0, 1, 0, 1, 0, 0, 0, 0};
  std::memcpy(octets + 4, kCounts, sizeof kCounts);
  std::memcpy(octets + end, kRecord, sizeof kRecord);
  return end + sizeof kRecord;
}

size_t echo(uint8_t* octets, size_t size) {
  octets[2] |= 0x80;
  return size < kHeader ? 0 : size;
}

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

void serve(uint16_t port, bool answers) {
  const int fd = open_socket(port);
  const auto batch = std::make_unique<Batch>();
  for (;;) {
    batch->prepare();
    const int received = recvmmsg(fd, batch->messages.data(), kBatch, MSG_WAITFORONE, nullptr);
    for (int i = 0; i < received; ++i) {
      uint8_t* octets = batch->octets[i].data();
      const size_t size = batch->messages[i].msg_len;
      batch->vectors[i].iov_len = answers ? answer(octets, size) : echo(octets, size);
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
  const bool answers = argc > 1 && std::strcmp(argv[1], "-a") == 0;
  char** rest = argv + (answers ? 2 : 1);
  const int given = static_cast<int>(argv + argc - rest);
  const int port = given > 0 ? std::atoi(rest[0]) : 0;
  const int threads = given > 1 ? std::atoi(rest[1]) : 1;
  if (port <= 0 || port > 65535 || threads < 1) {
    std::fputs("usage: udpecho [-a] PORT [THREADS]\n", stderr);
    return 2;
  }
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i)
    running.emplace_back(serve, static_cast<uint16_t>(port), answers);
  for (std::thread& thread : running) thread.join();
}
