// A closed-loop DNS load generator for measuring a server on this machine.
//
//   dnsblast -p PORT -d QUERIES [-s 127.X.X.X] [-k SOCKETS] [-w WINDOW] [-t SECONDS] [-P PID]
//            [-r RATE [-B]] [-e EDNS] [-S] [-E] [-U]
//
// QUERIES has one "NAME TYPE" per line, as dnsperf takes it. WINDOW queries are kept in flight on
// each of SOCKETS sockets (different source ports, so that servers with SO_REUSEPORT spread them),
// in batches. Printed as one line of "key value": queries per second, answered, lost, rcodes,
// latency percentiles, and with -P the server's CPU time per answer. -r caps the offered load
// (queries per second); then the core is left to others between two looks, except with -B, which
// looks all the time and counts a query's latency from when the rate let it out. -e adds an OPT
// record of that size, -S shuffles the queries, -E takes any datagram with the right ID for an
// answer (for udpecho), -U makes every name new: the end of its first label, which needs 12 octets
// at least, becomes a number that no other run has. Loopback targets only.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
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
using fairlead::bench::kMaxQuery;
using fairlead::bench::kSecond;
using fairlead::bench::LoadOptions;
using fairlead::bench::measure;
using fairlead::bench::now_ns;
using fairlead::bench::queries_of;
using fairlead::bench::Query;
using fairlead::bench::report;
using fairlead::bench::take_flag;
using fairlead::bench::Totals;

constexpr size_t kBatch = 32;
constexpr size_t kMaxReply = 4096;
constexpr uint64_t kLostAfter = kSecond;
constexpr long kPace = 50'000;  // nanoseconds between looks at what a rate lets out
constexpr size_t kUnique = 12;  // hexadecimal digits

struct Options : LoadOptions {
  Options() { window = 16; }

  int sockets = 8;
  double rate = 0;  // 0: as fast as answers come
  int edns = 0;
  bool echo = false;
  bool unique = false;
  bool busy = false;
};

// One client socket and when each ID in flight was sent.
struct Flow {
  int fd = -1;
  int in_flight = 0;
  uint16_t next_id = 0;
  uint16_t oldest_id = 0;                                        // none before it is in flight
  std::vector<uint64_t> sent_at = std::vector<uint64_t>(65536);  // 0: not in flight
};

// kBatch messages and their buffers.
template <size_t kSize>
struct Batch {
  std::array<std::array<uint8_t, kSize>, kBatch> octets{};
  std::array<iovec, kBatch> vectors{};
  std::array<mmsghdr, kBatch> messages{};

  Batch() {
    for (size_t i = 0; i < kBatch; ++i) {
      vectors[i] = {octets[i].data(), kSize};
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

class Load {
 public:
  Load(const Options& options, std::vector<Query> queries)
      : options_(options), queries_(std::move(queries)) {
    totals_.latencies.reserve(kMaxLatencies);
  }

  // False, with a message, when a socket cannot be made.
  bool connect_all();

  // Sends and receives until the time is over. Returns how long that was, in seconds.
  double run();

  [[nodiscard]] Totals& totals() { return totals_; }

 private:
  void fill(Flow& flow, uint64_t now);
  [[nodiscard]] uint64_t due(uint64_t query) const;
  [[nodiscard]] int allowance(const Flow& flow, uint64_t now) const;
  void prepare(Flow& flow, size_t slot, uint64_t now);
  void make_unique(uint8_t* query);
  [[nodiscard]] int wait(std::array<epoll_event, 64>& events) const;
  void receive(Flow& flow);
  void take(Flow& flow, const uint8_t* reply, size_t size, uint64_t now);
  void give_up_on_old(uint64_t now);

  const Options& options_;
  std::vector<Query> queries_;
  std::vector<Flow> flows_;
  Totals totals_;
  Batch<kMaxQuery> out_;
  Batch<kMaxReply> in_;
  size_t next_query_ = 0;
  uint64_t next_name_ = now_ns() / 1000 << 8;  // in the low 48 bits
  uint64_t start_ = 0;
  int epoll_ = -1;
};

bool Load::connect_all() {
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(static_cast<uint16_t>(options_.port));
  inet_pton(AF_INET, options_.address.c_str(), &server.sin_addr);
  epoll_ = epoll_create1(0);
  flows_.resize(static_cast<size_t>(options_.sockets));
  for (size_t i = 0; i < flows_.size(); ++i) {
    const int fd = flows_[i].fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    const int queue = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof queue);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<uint32_t>(i);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0 ||
        epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
      std::perror("dnsblast: connect");
      return false;
    }
  }
  return true;
}

// How many queries the window and the rate let out now, one batch at most.
int Load::allowance(const Flow& flow, uint64_t now) const {
  const int room = std::min<int>(kBatch, options_.window - flow.in_flight);
  if (options_.rate <= 0) return room;
  const double late = options_.rate * static_cast<double>(now - start_) / kSecond -
                      static_cast<double>(totals_.sent);
  return std::min(room, static_cast<int>(std::clamp(late, 0.0, 1e6)));
}

// When the rate lets out the query of that number.
uint64_t Load::due(uint64_t query) const {
  return start_ + static_cast<uint64_t>(static_cast<double>(query) * kSecond / options_.rate);
}

void Load::make_unique(uint8_t* query) {
  const size_t size = query[12];
  if (size < kUnique) return;
  uint64_t number = next_name_++;
  for (uint8_t* digit = query + 13 + size; digit > query + 13 + size - kUnique; number >>= 4) {
    *--digit = static_cast<uint8_t>("0123456789abcdef"[number & 15]);
  }
}

void Load::prepare(Flow& flow, size_t slot, uint64_t now) {
  const Query& query = queries_[next_query_];
  next_query_ = (next_query_ + 1) % queries_.size();
  while (flow.sent_at[flow.next_id] != 0) ++flow.next_id;
  const uint16_t id = flow.next_id++;
  flow.sent_at[id] = now;
  auto& octets = out_.octets[slot];
  std::memcpy(octets.data(), query.octets.data(), query.size);
  octets[0] = static_cast<uint8_t>(id >> 8);
  octets[1] = static_cast<uint8_t>(id);
  if (options_.unique) make_unique(octets.data());
  out_.vectors[slot].iov_len = query.size;
}

void Load::fill(Flow& flow, uint64_t now) {
  for (int count = allowance(flow, now); count > 0; count = allowance(flow, now)) {
    for (size_t i = 0; i < static_cast<size_t>(count); ++i)
      prepare(flow, i, options_.busy ? due(totals_.sent + i) : now);
    const int sent =
        std::max(0, sendmmsg(flow.fd, out_.messages.data(), static_cast<unsigned>(count), 0));
    for (int i = sent; i < count; ++i)
      flow.sent_at[static_cast<size_t>(out_.octets[i][0] << 8 | out_.octets[i][1])] = 0;
    flow.in_flight += sent;
    totals_.sent += static_cast<uint64_t>(sent);
    if (sent < count) return;
  }
}

void Load::take(Flow& flow, const uint8_t* reply, size_t size, uint64_t now) {
  const size_t id = static_cast<size_t>(reply[0] << 8 | reply[1]);
  const bool is_answer = size >= 12 && (options_.echo || (reply[2] & 0x80) != 0);
  if (!is_answer || flow.sent_at[id] == 0) return;
  totals_.count(reply, size, now - std::min(now, flow.sent_at[id]));
  flow.sent_at[id] = 0;
  --flow.in_flight;
}

void Load::receive(Flow& flow) {
  for (int count = kBatch; count == static_cast<int>(kBatch);) {
    count = recvmmsg(flow.fd, in_.messages.data(), kBatch, MSG_DONTWAIT, nullptr);
    const uint64_t now = now_ns();
    for (int i = 0; i < count; ++i) take(flow, in_.octets[i].data(), in_.messages[i].msg_len, now);
  }
}

// IDs go out in their order, so the oldest are found first.
void Load::give_up_on_old(uint64_t now) {
  for (Flow& flow : flows_) {
    for (; flow.in_flight > 0; ++flow.oldest_id) {
      uint64_t& at = flow.sent_at[flow.oldest_id];
      if (at == 0) continue;
      if (now - at < kLostAfter) break;
      at = 0;
      --flow.in_flight;
      ++totals_.lost;
    }
  }
}

// With a rate the core is left to others between two queries.
int Load::wait(std::array<epoll_event, 64>& events) const {
  if (options_.rate > 0 && !options_.busy) {
    pollfd ready{epoll_, POLLIN, 0};
    const timespec pace{0, kPace};
    ppoll(&ready, 1, &pace, nullptr);
  }
  return epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                    options_.rate > 0 ? 0 : 1);
}

double Load::run() {
  start_ = now_ns();
  const uint64_t end = start_ + static_cast<uint64_t>(options_.seconds * kSecond);
  uint64_t looked_for_lost = start_;
  std::array<epoll_event, 64> events;
  for (uint64_t now = start_; now < end; now = now_ns()) {
    for (Flow& flow : flows_) fill(flow, now);
    const int ready = wait(events);
    for (int i = 0; i < ready; ++i) receive(flows_[events[i].data.u32]);
    if (now - looked_for_lost > kSecond / 4) {
      give_up_on_old(now);
      looked_for_lost = now;
    }
  }
  return static_cast<double>(now_ns() - start_) / kSecond;
}

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  for (int flag;
       (flag = getopt(argc, argv, (kLoadFlags + std::string("k:r:e:EUB")).c_str())) != -1;) {
    switch (flag) {
      case 'k':
        options.sockets = std::atoi(optarg);
        break;
      case 'r':
        options.rate = std::atof(optarg);
        break;
      case 'e':
        options.edns = std::atoi(optarg);
        break;
      case 'E':
        options.echo = true;
        break;
      case 'U':
        options.unique = true;
        break;
      case 'B':
        options.busy = true;
        break;
      default:
        if (!take_flag(flag, optarg, options)) return {};
    }
  }
  options.busy = options.busy && options.rate > 0;
  const bool sensible = is_sensible(options) && options.sockets > 0 && options.sockets <= 1024 &&
                        options.window <= 32768;
  if (sensible) return options;
  std::fputs(
      "usage: dnsblast -p PORT -d QUERIES [-s 127.X.X.X] [-k SOCKETS] [-w WINDOW] [-t SECONDS] [-P "
      "PID] [-r RATE [-B]] "
      "[-e EDNS] [-S] [-E] [-U]\n",
      stderr);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_options(argc, argv);
  if (!options) return 2;
  if (!options->address.starts_with("127.")) {
    std::fputs("dnsblast: only loopback targets (127.0.0.0/8)\n", stderr);
    return 2;
  }
  auto queries = queries_of(*options, options->edns, "dnsblast");
  if (queries.empty()) return 2;
  Load load(*options, std::move(queries));
  if (!load.connect_all()) return 1;
  const auto measured = measure(load, *options);
  report(load.totals(), measured.elapsed, measured.cpu);
  return load.totals().answered > 0 ? 0 : 1;
}
