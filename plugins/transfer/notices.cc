#include "plugins/transfer/notices.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <tuple>

#include "dns/reader.h"
#include "dns/response.h"
#include "dns/types.h"
#include "net/file_descriptor.h"
#include "net/random.h"
#include "net/socket_address.h"
#include "net/unix_time.h"
#include "signing/tsig_asking.h"

namespace fairlead::plugins::transfer {
namespace {

constexpr uint8_t kNotify = 4 << 3;  // the opcode in its octet
constexpr uint8_t kAuthoritative = 0x04;
constexpr uint8_t kResponse = 0x80;
constexpr uint8_t kOpcode = 0x78;
constexpr uint8_t kRcode = 0x0f;
constexpr size_t kLargestReply = 1232;  // no EDNS is offered; a signature takes 400 octets at most
constexpr const char* kUnsigned = "it cannot be signed";

net::FileDescriptor open_socket(bool v6, const std::optional<dns::IpAddress>& from) {
  net::FileDescriptor socket(
      ::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open() || !from) return socket;
  net::SocketAddress address{};
  const socklen_t size = net::to_socket_address({*from, 0}, 0, address);
  if (::bind(socket.get(), &address.any, size) != 0) return {};
  return socket;
}

}  // namespace

Notices::Notices(asio::io_context& context, net::LogSink& log, Rules rules,
                 std::shared_ptr<records::JournalCounts> counts)
    : context_(context),
      log_(log),
      rules_(std::move(rules)),
      counts_(std::move(counts)),
      timer_(context) {}

Notices::~Notices() = default;

std::shared_ptr<records::Journal> Notices::make_journal(const dns::Name& origin) {
  if (rule_for(rules_, origin.view()) == nullptr) return nullptr;
  return std::make_shared<records::Journal>(counts_);
}

void Notices::served(const dns::Name& origin, uint32_t serial) {
  const std::string name = dns::to_text(origin.view());
  const auto [known, is_new] = told_.try_emplace(name, serial);
  if (!is_new && known->second == serial) return;
  known->second = serial;
  const Rule* const rule = rule_for(rules_, origin.view());
  if (rule == nullptr) return;
  for (const net::ServerEndpoint& to : rule->told) tell(origin, to, *rule);
  go_on();
}

// In place of what is on its way about this zone already: that is about the zone as it is now, too.
void Notices::tell(const dns::Name& origin, const net::ServerEndpoint& to, const Rule& rule) {
  if (open_.size() >= kMostOpen) {
    log_.write(
        net::LogLevel::Warning, "transfer",
        "too many notifies are on their way: " + dns::to_text(origin.view()) + " is left out");
    return;
  }
  Notice notice;
  notice.origin = origin;
  notice.to = to;
  notice.rule = &rule;
  notice.id = static_cast<uint16_t>(net::Random().u64());
  notice.began = net::seconds_since_1970();
  notice.due = net::Clock::now();
  open_.insert_or_assign({dns::to_text(origin.view()), to}, std::move(notice));
}

Notices::Socket* Notices::socket_for(const Notice& notice) {
  auto& socket = sockets_[{notice.to.address.is_v6(), notice.rule->from}];
  if (socket) return socket.get();
  net::FileDescriptor opened = open_socket(notice.to.address.is_v6(), notice.rule->from);
  if (!opened.is_open()) return nullptr;
  const auto made = std::make_shared<Socket>(context_);
  boost::system::error_code error;
  made->descriptor.assign(opened.get(), error);
  if (error) return nullptr;
  std::ignore = opened.release();
  socket = made;
  wait_readable(made);
  return made.get();
}

std::vector<uint8_t> Notices::message_of(const Notice& notice) {
  std::vector<uint8_t> message(dns::kMaxUpstreamQuery);
  const dns::Question question{.qname = notice.origin.view(), .qtype = dns::RrType::Soa};
  message.resize(dns::write_query(question, notice.id, false, message));
  message[2] = kNotify | kAuthoritative;
  message[3] = 0;
  return message;
}

bool Notices::send(Notice& notice) {
  std::vector<uint8_t> message = message_of(notice);
  if (const auto& with = notice.rule->signed_with) {
    signing::TsigAsking asking(with->key, with->algorithm);
    if (!asking.sign(message, notice.began)) {
      notice.problem = kUnsigned;
      return false;
    }
  }
  net::SocketAddress to{};
  const socklen_t to_size =
      net::to_socket_address(notice.to, net::scope_id_of(notice.to.scope), to);
  Socket* const socket = socket_for(notice);
  const bool sent =
      socket != nullptr && ::sendto(socket->descriptor.native_handle(), message.data(),
                                    message.size(), MSG_NOSIGNAL, &to.any, to_size) >= 0;
  if (!sent) notice.problem = net::error_text(errno);
  return sent;
}

void Notices::wait_readable(const std::shared_ptr<Socket>& socket) {
  socket->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                [weak = weak_from_this(), of = std::weak_ptr(socket)](
                                    const boost::system::error_code& error) {
                                  const auto self = weak.lock();
                                  const auto readable = of.lock();
                                  if (error || !self || !readable) return;
                                  self->read(*readable);
                                  self->wait_readable(readable);
                                  self->wait();
                                });
}

void Notices::read(Socket& socket) {
  constexpr int kAtOnce = 100;
  std::array<uint8_t, kLargestReply> reply{};
  for (int i = 0; i < kAtOnce; ++i) {
    net::SocketAddress from{};
    socklen_t from_size = sizeof from;
    const ssize_t size = ::recvfrom(socket.descriptor.native_handle(), reply.data(), reply.size(),
                                    MSG_DONTWAIT, &from.any, &from_size);
    if (size < 0) return;
    const bool is_reply = size >= static_cast<ssize_t>(dns::kHeaderSize) &&
                          (reply[2] & kResponse) != 0 && (reply[2] & kOpcode) == kNotify;
    if (!is_reply) continue;
    heard(std::span(reply).first(static_cast<size_t>(size)), net::endpoint_of(from));
  }
}

void Notices::heard(std::span<const uint8_t> reply, const net::Endpoint& from) {
  const auto id = static_cast<uint16_t>(reply[0] << 8 | reply[1]);
  for (auto at = open_.begin(); at != open_.end(); ++at) {
    Notice& notice = at->second;
    const net::Endpoint& asked = notice.to;
    if (notice.id != id || asked != from) continue;
    notice.problem = problem_of(notice, reply);
    if (notice.problem.empty()) open_.erase(at);
    return;
  }
}

// What was sent is signed once more: a reply that somebody has forged spoils nothing for the next.
std::string Notices::problem_of(const Notice& notice, std::span<const uint8_t> reply) {
  if (const auto& with = notice.rule->signed_with) {
    std::vector<uint8_t> message = message_of(notice);
    signing::TsigAsking asking(with->key, with->algorithm);
    if (!asking.sign(message, notice.began)) return kUnsigned;
    std::string wrong = asking.check(reply, net::seconds_since_1970());
    if (!wrong.empty()) return wrong;
  }
  const auto rcode = static_cast<dns::Rcode>(reply[3] & kRcode);
  return rcode == dns::Rcode::NoError ? "" : "rcode was \"" + dns::to_text(rcode) + '"';
}

void Notices::give_up(const Notice& notice) const {
  log_.write(net::LogLevel::Warning, "transfer",
             "notify for zone \"" + dns::to_text(notice.origin.view()) +
                 "\" was not accepted by \"" + net::to_text(notice.to) + "\": " + notice.problem);
}

void Notices::go_on() {
  const auto now = net::Clock::now();
  for (auto at = open_.begin(); at != open_.end();) {
    Notice& notice = at->second;
    if (notice.due > now) {
      ++at;
    } else if (notice.tries == kTries) {
      give_up(notice);
      at = open_.erase(at);
    } else {
      ++notice.tries;
      notice.due = now + kPatience;
      send(notice);
      ++at;
    }
  }
  wait();
}

// The sockets are open while somebody is to answer.
void Notices::wait() {
  if (open_.empty()) {
    sockets_.clear();
    timer_.cancel();
    return;
  }
  auto first = net::Clock::time_point::max();
  for (const auto& [key, notice] : open_) first = std::min(first, notice.due);
  timer_.expires_at(first);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->go_on();
  });
}

}  // namespace fairlead::plugins::transfer
