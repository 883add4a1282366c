#include "forward/resolve_name.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <stdexcept>

#include "dns/response.h"
#include "net/connected_socket.h"
#include "net/random.h"
#include "net/socket_address.h"

namespace fairlead::forward {
namespace {

using Steady = std::chrono::steady_clock;
constexpr int kTimesEach = 2;
constexpr size_t kLargestReply = 4096;

[[noreturn]] void fail(const std::string& host, const std::string& why) {
  throw std::runtime_error("cannot resolve upstream host name \"" + host + "\": " + why);
}

void add(std::vector<dns::IpAddress>& to, const dns::IpAddress& address) {
  if (std::ranges::find(to, address) == to.end()) to.push_back(address);
}

/// While it lives, this thread's getaddrinfo(3) takes names as they are, without a search list. A
/// dot at the end would say so, too, but then /etc/hosts is passed over. Reads resolv.conf anew.
class WithoutSearchList {
 public:
  WithoutSearchList() {
    if (::res_init() != 0) return;
    before_ = _res.options;
    _res.options &= ~(RES_DEFNAMES | RES_DNSRCH);
  }
  ~WithoutSearchList() {
    if (before_) _res.options = *before_;
  }
  WithoutSearchList(const WithoutSearchList&) = delete;
  WithoutSearchList& operator=(const WithoutSearchList&) = delete;

 private:
  std::optional<decltype(_res.options)> before_;
};

std::vector<dns::IpAddress> ask_system(const std::string& host) {
  const WithoutSearchList absolute;
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* first = nullptr;
  const int result = ::getaddrinfo(host.c_str(), nullptr, &hints, &first);
  if (result != 0) fail(host, ::gai_strerror(result));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(first, &::freeaddrinfo);
  std::vector<dns::IpAddress> out;
  for (const addrinfo* at = first; at != nullptr; at = at->ai_next) {
    if (at->ai_family == AF_INET) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(at->ai_addr);
      const auto* octets = reinterpret_cast<const uint8_t*>(&v4->sin_addr);
      add(out, dns::IpAddress(std::span<const uint8_t>(octets, 4)));
    } else if (at->ai_family == AF_INET6) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(at->ai_addr);
      add(out, dns::IpAddress(std::span<const uint8_t>(v6->sin6_addr.s6_addr, 16)));
    }
  }
  return out;
}

/// One connected socket; its port is the kernel's choice.
class Socket {
 public:
  explicit Socket(const net::Endpoint& resolver)
      : fd_(net::connected_socket(resolver, SOCK_DGRAM)), error_(fd_.is_open() ? 0 : errno) {}

  bool send(std::span<const uint8_t> octets) {
    if (error_ != 0) return false;
    if (::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL) < 0) error_ = errno;
    return error_ == 0;
  }

  /// Empty when nothing comes until `end`, or an error.
  std::span<const uint8_t> receive(Steady::time_point end) {
    for (;;) {
      const ssize_t n = ::recv(fd_.get(), buffer_.data(), buffer_.size(), 0);
      if (n >= 0) return {buffer_.data(), static_cast<size_t>(n)};
      error_ = errno == EAGAIN ? 0 : errno;
      if (error_ != 0 || !net::wait_for(fd_.get(), POLLIN, end)) return {};
    }
  }

  /// Of the first call that failed, as an errno; 0 while none did.
  [[nodiscard]] int error() const { return error_; }

 private:
  const net::FileDescriptor fd_;
  int error_;
  std::array<uint8_t, kLargestReply> buffer_{};
};

struct Wanted {
  const dns::Question& question;
  bool edns;
  Steady::duration timeout;
};

/// True when the resolver answered, whatever it said; otherwise `why` tells what went wrong.
bool ask(const net::Endpoint& resolver, const Wanted& wanted, dns::Answer& answer,
         std::string& why) {
  net::Random random;
  const uint16_t id = random.u16();
  std::array<uint8_t, dns::kMaxUpstreamQuery> query{};
  const size_t size = dns::write_query(wanted.question, id, wanted.edns, query);
  Socket socket(resolver);
  const Steady::time_point end = Steady::now() + wanted.timeout;
  if (socket.send({query.data(), size})) {
    for (auto reply = socket.receive(end); !reply.empty() || Steady::now() < end;
         reply = socket.receive(end)) {
      if (socket.error() != 0) break;
      const dns::Response r = dns::read_response(reply, id, wanted.question, answer);
      if (r.verdict == dns::ResponseVerdict::Ours) return true;
    }
  }
  why = resolver.address.to_text() + ": " +
        (socket.error() != 0 ? net::error_text(socket.error()) : "i/o timeout");
  return false;
}

void take_addresses(const dns::Answer& answer, std::vector<dns::IpAddress>& out) {
  for (const dns::Record& r : answer.records()) {
    if (r.section != dns::Section::Answer) continue;
    const bool address = r.type == dns::RrType::A || r.type == dns::RrType::Aaaa;
    if (address) add(out, dns::IpAddress(answer.rdata(r)));
  }
}

}  // namespace

std::vector<dns::IpAddress> resolve_name(const std::string& host,
                                         std::span<const net::Endpoint> resolvers,
                                         std::chrono::milliseconds timeout) {
  if (resolvers.empty()) return ask_system(host);
  const auto name = dns::Name::from_text(host);
  if (!name) fail(host, "not a host name");
  std::vector<dns::IpAddress> out;
  std::string why = "no resolver";
  for (const dns::RrType type : {dns::RrType::A, dns::RrType::Aaaa}) {
    const dns::Question question{.qname = name->view(), .qtype = type};
    bool answered = false;
    for (size_t i = 0; i < kTimesEach * resolvers.size() && !answered; ++i) {
      const net::Endpoint& resolver = resolvers[i % resolvers.size()];
      dns::Answer answer;
      const bool edns = i < resolvers.size();  // some drop queries with an OPT record
      if (!ask(resolver, {question, edns, timeout}, answer, why)) continue;
      take_addresses(answer, out);
      why = resolver.address.to_text() + " says " + dns::to_text(answer.rcode) + ", no address";
      // Another resolver may know what this one failed to find out.
      answered = answer.rcode == dns::Rcode::NoError || answer.rcode == dns::Rcode::NxDomain;
    }
    if (!answered && out.empty()) fail(host, why);
  }
  if (out.empty()) fail(host, why);
  return out;
}

}  // namespace fairlead::forward
