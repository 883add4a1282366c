// A closed-loop DNS load generator over TCP for measuring a server on this machine.
//
//   tcpblast -p PORT -d QUERIES [-s 127.X.X.X] [-c CONNECTIONS] [-w WINDOW] [-f IN_FLIGHT] [-n]
//            [-t SECONDS] [-P PID] [-S]
//
// QUERIES has one "NAME TYPE" per line. CONNECTIONS are open; each has WINDOW queries under way at
// most, all together IN_FLIGHT, which go to the connections in turn. With -n a connection is closed
// after each answer and a new one takes its place. What is printed is dnsblast's, and how many
// connections were made. A connection that the server closes is made again. Loopback targets only.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "bench/load_options.h"

namespace {

using fairlead::bench::is_sensible;
using fairlead::bench::kLoadFlags;
using fairlead::bench::kMaxLatencies;
using fairlead::bench::kSecond;
using fairlead::bench::LoadOptions;
using fairlead::bench::measure;
using fairlead::bench::now_ns;
using fairlead::bench::queries_of;
using fairlead::bench::Query;
using fairlead::bench::report;
using fairlead::bench::take_flag;
using fairlead::bench::Totals;

constexpr size_t kFrame = 2;    // the length before each message
constexpr size_t kHeader = 12;  // of a DNS message
constexpr size_t kRead = 1 << 16;
constexpr int kMaxConnections = 20'000;
constexpr uint32_t kSources = 200;  // addresses that connections come from, for ports enough

struct Options : LoadOptions {
  int connections = 1;
  int in_flight = 128;
  bool renew = false;
};

struct Connection {
  int fd = -1;
  int in_flight = 0;
  uint16_t next_id = 0;
  std::vector<uint64_t> sent_at;  // by ID, as many as the window has; 0: not in flight
  std::vector<uint8_t> unread;    // the start of a message
};

class Load {
 public:
  Load(const Options& options, std::vector<Query> queries)
      : options_(options),
        queries_(std::move(queries)),
        connections_(static_cast<size_t>(options.connections)) {
    totals_.latencies.reserve(kMaxLatencies);
  }

  // False, with a message, when the server cannot be reached.
  bool connect_all();

  // Sends and receives until the time is over. Returns how long that was, in seconds.
  double run();

  [[nodiscard]] Totals& totals() { return totals_; }
  [[nodiscard]] uint64_t made() const { return made_; }

 private:
  bool open(size_t which);
  void close_and_open(size_t which);
  void fill();
  bool send_some(size_t which);
  void receive(size_t which);
  size_t take_all(Connection& connection);
  void take(Connection& connection, const uint8_t* reply, size_t size);

  const Options& options_;
  std::vector<Query> queries_;
  std::vector<Connection> connections_;
  Totals totals_;
  std::vector<uint8_t> out_;
  std::array<uint8_t, kRead> in_;
  size_t next_query_ = 0;
  size_t turn_ = 0;
  int in_flight_ = 0;
  uint64_t made_ = 0;
  int epoll_ = -1;
};

bool Load::open(size_t which) {
  Connection& connection = connections_[which];
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(static_cast<uint16_t>(options_.port));
  inet_pton(AF_INET, options_.address.c_str(), &server.sin_addr);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr =
      htonl(INADDR_LOOPBACK + ((static_cast<uint32_t>(made_) % kSources + 1) << 8));
  const int fd = connection.fd = socket(AF_INET, SOCK_STREAM, 0);
  const int one = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = static_cast<uint32_t>(which);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
      connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0 ||
      fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
    std::perror("tcpblast: connect");
    return false;
  }
  ++made_;
  connection.sent_at.assign(static_cast<size_t>(options_.window), 0);
  connection.unread.clear();
  in_flight_ -= connection.in_flight;
  totals_.lost += static_cast<uint64_t>(connection.in_flight);
  connection.in_flight = 0;
  return true;
}

bool Load::connect_all() {
  epoll_ = epoll_create1(0);
  for (size_t i = 0; i < connections_.size(); ++i) {
    if (!open(i)) return false;
  }
  return true;
}

void Load::close_and_open(size_t which) {
  close(connections_[which].fd);
  if (!open(which)) std::exit(1);
}

// Writes as many queries as the window of one connection and the bound of all let out. False when
// there was room for none.
bool Load::send_some(size_t which) {
  Connection& connection = connections_[which];
  const int count =
      std::min(options_.window - connection.in_flight, options_.in_flight - in_flight_);
  if (count <= 0) return false;
  out_.clear();
  const uint64_t now = now_ns();
  for (int i = 0; i < count; ++i) {
    const Query& query = queries_[next_query_];
    next_query_ = (next_query_ + 1) % queries_.size();
    while (connection.sent_at[connection.next_id % connection.sent_at.size()] != 0)
      ++connection.next_id;
    const uint16_t id = connection.next_id++;
    connection.sent_at[id % connection.sent_at.size()] = now;
    const uint8_t begin[] = {static_cast<uint8_t>(query.size >> 8),
                             static_cast<uint8_t>(query.size), static_cast<uint8_t>(id >> 8),
                             static_cast<uint8_t>(id)};
    out_.insert(out_.end(), begin, begin + sizeof begin);
    out_.insert(out_.end(), query.octets.data() + 2, query.octets.data() + query.size);
  }
  connection.in_flight += count;
  in_flight_ += count;
  totals_.sent += static_cast<uint64_t>(count);
  const ssize_t sent = send(connection.fd, out_.data(), out_.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(out_.size())) close_and_open(which);
  return true;
}

void Load::fill() {
  for (size_t skipped = 0; in_flight_ < options_.in_flight && skipped < connections_.size();) {
    skipped = send_some(turn_) ? 0 : skipped + 1;
    turn_ = (turn_ + 1) % connections_.size();
  }
}

void Load::take(Connection& connection, const uint8_t* reply, size_t size) {
  const size_t id = static_cast<size_t>(reply[0] << 8 | reply[1]);
  uint64_t& at = connection.sent_at[id % connection.sent_at.size()];
  if (size < kHeader || (reply[2] & 0x80) == 0 || at == 0) return;
  totals_.count(reply, size, now_ns() - at);
  at = 0;
  --connection.in_flight;
  --in_flight_;
}

// Takes the whole messages at the start of what is unread. Returns how many there were.
size_t Load::take_all(Connection& connection) {
  auto& unread = connection.unread;
  size_t at = 0;
  size_t count = 0;
  for (; unread.size() - at >= kFrame; ++count) {
    const size_t size = static_cast<size_t>(unread[at] << 8 | unread[at + 1]);
    if (unread.size() - at < kFrame + size) break;
    if (size >= kHeader) take(connection, &unread[at + kFrame], size);
    at += kFrame + size;
  }
  unread.erase(unread.begin(), unread.begin() + static_cast<ptrdiff_t>(at));
  return count;
}

void Load::receive(size_t which) {
  Connection& connection = connections_[which];
  const ssize_t size = recv(connection.fd, in_.data(), in_.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) return close_and_open(which);
  connection.unread.insert(connection.unread.end(), in_.data(), in_.data() + size);
  if (take_all(connection) > 0 && options_.renew) close_and_open(which);
}

double Load::run() {
  const uint64_t start = now_ns();
  const uint64_t end = start + static_cast<uint64_t>(options_.seconds * kSecond);
  std::array<epoll_event, 256> events;
  while (now_ns() < end) {
    fill();
    const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1);
    for (int i = 0; i < ready; ++i) receive(events[static_cast<size_t>(i)].data.u32);
  }
  return static_cast<double>(now_ns() - start) / kSecond;
}

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  for (int flag; (flag = getopt(argc, argv, (kLoadFlags + std::string("c:f:n")).c_str())) != -1;) {
    switch (flag) {
      case 'c':
        options.connections = std::atoi(optarg);
        break;
      case 'f':
        options.in_flight = std::atoi(optarg);
        break;
      case 'n':
        options.renew = true;
        break;
      default:
        if (!take_flag(flag, optarg, options)) return {};
    }
  }
  // A window that divides the IDs gives each ID its place.
  const bool sensible = is_sensible(options) && options.connections > 0 &&
                        options.connections <= kMaxConnections && 65536 % options.window == 0 &&
                        options.in_flight > 0;
  if (sensible) return options;
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_options(argc, argv);
  if (!options || !options->address.starts_with("127.")) {
    std::fputs(
        "usage: tcpblast -p PORT -d QUERIES [-s 127.X.X.X] [-c CONNECTIONS] [-w WINDOW, a power of "
        "2]\n                [-f IN_FLIGHT] [-n] [-t SECONDS] [-P PID] [-S]\n",
        stderr);
    return 2;
  }
  auto queries = queries_of(*options, 0, "tcpblast");
  if (queries.empty()) return 2;
  Load load(*options, std::move(queries));
  if (!load.connect_all()) return 1;
  const auto measured = measure(load, *options);
  std::printf("connections %ju ", static_cast<uintmax_t>(load.made()));
  report(load.totals(), measured.elapsed, measured.cpu);
  return load.totals().answered > 0 ? 0 : 1;
}
