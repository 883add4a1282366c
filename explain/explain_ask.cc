#include "explain/explain_ask.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "dns/extended_error.h"
#include "net/connected_socket.h"
#include "net/random.h"

namespace fairlead::explain {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kTries = 2;
constexpr size_t kLargestDatagram = 4096;

[[noreturn]] void fail(const net::Endpoint& server, const std::string& why) {
  throw std::runtime_error(to_text(server) + ": " + why);
}

[[noreturn]] void fail_errno(const net::Endpoint& server) {
  fail(server, std::generic_category().message(errno));
}

net::FileDescriptor connect_to(const net::Endpoint& server, int type) {
  net::FileDescriptor fd = net::connected_socket(server, type);
  if (!fd.is_open()) fail_errno(server);
  return fd;
}

// Octets until `out` is full; false when `end` comes first.
bool receive_all(const net::Endpoint& server, int fd, std::span<uint8_t> out,
                 Clock::time_point end) {
  while (!out.empty()) {
    if (!net::wait_for(fd, POLLIN, end)) return false;
    const ssize_t n = ::recv(fd, out.data(), out.size(), 0);
    if (n == 0) fail(server, "the connection was closed");
    if (n < 0 && errno != EAGAIN) fail_errno(server);
    if (n > 0) out = out.subspan(static_cast<size_t>(n));
  }
  return true;
}

class Conversation {
 public:
  Conversation(const net::Endpoint& server, const dns::Question& question)
      : server_(server), question_(question), id_(net::Random().u16()) {
    query_.resize(dns::kMaxUpstreamQuery);
    query_.resize(dns::write_query(question, id_, true, query_));
  }

  // Empty when nothing came until `end`. Sets `truncated`.
  std::optional<ServerReply> over_udp(Clock::time_point end, bool& truncated) {
    const net::FileDescriptor fd = connect_to(server_, SOCK_DGRAM);
    if (::send(fd.get(), query_.data(), query_.size(), MSG_NOSIGNAL) < 0) fail_errno(server_);
    std::array<uint8_t, kLargestDatagram> buffer{};
    while (net::wait_for(fd.get(), POLLIN, end)) {
      const ssize_t n = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
      if (n < 0 && errno != EAGAIN) fail_errno(server_);
      if (n < 0) continue;
      if (auto reply = read({buffer.data(), static_cast<size_t>(n)}, truncated)) return reply;
    }
    return std::nullopt;
  }

  std::optional<ServerReply> over_tcp(Clock::time_point end) {
    const net::FileDescriptor fd = connect_to(server_, SOCK_STREAM);
    if (!net::wait_for(fd.get(), POLLOUT, end)) return std::nullopt;
    std::vector<uint8_t> framed{static_cast<uint8_t>(query_.size() >> 8),
                                static_cast<uint8_t>(query_.size())};
    framed.insert(framed.end(), query_.begin(), query_.end());
    if (::send(fd.get(), framed.data(), framed.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(framed.size()))
      fail_errno(server_);
    std::array<uint8_t, 2> size{};
    if (!receive_all(server_, fd.get(), size, end)) return std::nullopt;
    std::vector<uint8_t> packet(static_cast<size_t>(size[0]) << 8 | size[1]);
    if (!receive_all(server_, fd.get(), packet, end)) return std::nullopt;
    bool truncated = false;
    auto reply = read(packet, truncated);
    if (!reply) fail(server_, "a reply that cannot be read");
    reply->transport = dns::Transport::Tcp;
    return reply;
  }

 private:
  std::optional<ServerReply> read(std::span<const uint8_t> packet, bool& truncated) {
    ServerReply reply;
    const dns::Response read = dns::read_response(packet, id_, question_, reply.answer);
    if (read.verdict != dns::ResponseVerdict::Ours) return std::nullopt;
    truncated = read.truncated;
    reply.extended_error = dns::read_extended_error(packet);
    return reply;
  }

  const net::Endpoint& server_;
  const dns::Question& question_;
  const uint16_t id_;
  std::vector<uint8_t> query_;
};

}  // namespace

ServerReply ask_server(const net::Endpoint& server, const dns::Question& question,
                       std::chrono::milliseconds timeout) {
  Conversation conversation(server, question);
  for (int i = 0; i < kTries; ++i) {
    auto start = Clock::now();
    bool truncated = false;
    auto reply = conversation.over_udp(start + timeout, truncated);
    if (!reply) continue;
    if (truncated) {
      start = Clock::now();
      reply = conversation.over_tcp(start + timeout);
      if (!reply) break;
    }
    reply->took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
    return std::move(*reply);
  }
  fail(server, "no reply within " +
                   std::to_string(std::chrono::ceil<std::chrono::seconds>(timeout).count()) + " s");
}

}  // namespace fairlead::explain
