#include "plugins/dnstap/sink.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <variant>

#include "net/quietly.h"
#include "net/signals.h"
#include "plugins/dnstap/sockets.h"

namespace fairlead::plugins::dnstap {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFlush{200};  // a frame waits no longer before it is sent
constexpr seconds kTryAgain{10};
constexpr seconds kTellEach{10};
constexpr milliseconds kLast{1000};  // for what waits at the end
constexpr size_t kMostPeers = 64;
constexpr size_t kMib = size_t{1} << 20;
constexpr size_t kMostWaiting = 32 * kMib;  // for one of several readers

// Throws std::runtime_error when files are of no use.
std::shared_ptr<const net::TlsContext> make_tls(const Options& options) {
  if (!options.listen) return net::TlsContext::client({.ca = {}, .verify = options.verify});
  return net::TlsContext::server({.certificate = {.file = options.certificate, .text = {}},
                                  .key = {.file = options.key, .text = {}},
                                  .client_auth = options.ca.empty()
                                                     ? net::ClientAuth::None
                                                     : net::ClientAuth::RequireAndVerify,
                                  .client_ca = {.file = options.ca, .text = {}}});
}

}  // namespace

Sink::Sink(Options options, size_t workers, net::LogSink& log)
    : options_(std::move(options)), log_(log), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  for (size_t i = 0; i < workers; ++i) queues_.push_back(std::make_unique<Queue>());
  // Readers that were waiting for the server find their listener with the first answer.
  if (options_.listen) open(Clock::now());
  const net::SignalsBlocked blocked;
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "fl-dnstap");
    run();
  });
}

Sink::~Sink() {
  stopping_ = true;
  const uint64_t one = 1;
  static_cast<void>(!::write(wake_.get(), &one, sizeof one));
  thread_.join();
}

void Sink::put(size_t worker, std::span<const uint8_t> frame) {
  if (!queues_[worker]->put(frame, options_.queue))
    dropped_.fetch_add(1, std::memory_order_relaxed);
}

// Memory that runs out costs the frames at hand.
void Sink::run() {
  while (!stopping_) {
    net::quietly([this] {
      const auto now = Clock::now();
      if (now >= try_at_) open(now);
      wait();
      if (listener_.is_open()) accept_all();
      pass_on();
      serve_peers();
      tell_dropped(Clock::now());
    });
  }
  net::quietly([this] { end(); });
}

void Sink::open(Clock::time_point now) {
  try_at_ = now + kTryAgain;
  if (options_.listen) return listen();
  if (peers_.empty()) dial();
}

/// That readers cannot connect is no reason to leave questions unanswered.
void Sink::listen() {
  const bool encrypted = options_.transport == Transport::Tls;
  if (listener_.is_open() || (encrypted && options_.certificate.empty())) return;
  SocketOrError made;
  try {
    if (encrypted) tls_ = make_tls(options_);
    made = listen_at(options_);
  } catch (const std::runtime_error& error) {
    made = error.what();
  }
  if (const auto* error = std::get_if<std::string>(&made)) {
    log_.write(net::LogLevel::Error, "dnstap", "Failed to start dnstap listener: " + *error);
  } else {
    listener_ = std::move(std::get<net::FileDescriptor>(made));
  }
}

void Sink::dial() {
  if (options_.transport == Transport::Tls && tls_ == nullptr) tls_ = make_tls(options_);
  SocketOrError made = connect_to(options_, wake_.get());
  if (const auto* error = std::get_if<std::string>(&made)) return lost(*error);
  add_peer(std::move(std::get<net::FileDescriptor>(made)));
}

void Sink::accept_all() {
  for (;;) {
    net::FileDescriptor socket(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) return;
    if (peers_.size() < kMostPeers) add_peer(std::move(socket));
  }
}

void Sink::add_peer(net::FileDescriptor socket) {
  std::unique_ptr<net::TlsSession> tls;
  if (tls_ != nullptr) {
    tls = options_.listen ? std::make_unique<net::TlsSession>(*tls_)
                          : std::make_unique<net::TlsSession>(*tls_, options_.host);
  }
  peers_.push_back(std::make_unique<Peer>(std::move(socket), std::move(tls)));
}

void Sink::wait() {
  std::vector<pollfd> waited = {{wake_.get(), POLLIN, 0}};
  if (listener_.is_open()) waited.push_back({listener_.get(), POLLIN, 0});
  for (const auto& peer : peers_) waited.push_back({peer->fd(), peer->wanted(), 0});
  ::poll(waited.data(), waited.size(), static_cast<int>(kFlush.count()));
}

void Sink::serve_peers() {
  const auto now = Clock::now();
  for (auto at = peers_.begin(); at != peers_.end();) {
    Peer& peer = **at;
    const bool was_started = peer.is_started();
    const bool goes_on = peer.go_on();
    if (!was_started && peer.is_started()) ++connections_;
    if (goes_on && !peer.is_too_slow(now)) {
      ++at;
      continue;
    }
    // A connection that was good is made again at once.
    if (!options_.listen && was_started) try_at_ = now;
    if (!options_.listen) lost(goes_on ? "no ACCEPT" : peer.error());
    at = peers_.erase(at);
  }
  connected_ = static_cast<uint64_t>(
      std::ranges::count_if(peers_, [](const auto& peer) { return peer->is_started(); }));
}

/// The one reader takes more; several never hold each other up.
bool Sink::has_room() const {
  if (options_.listen) return true;
  return !peers_.empty() && peers_[0]->is_started() &&
         peers_[0]->waiting() < options_.buffer_mib * kMib;
}

void Sink::pass_on() {
  for (const auto& queue : queues_) {
    if (!has_room()) return;
    taken_.clear();
    const size_t count = queue->take(taken_);
    if (count == 0) continue;
    bool heard = false;
    for (const auto& peer : peers_) {
      if (!peer->is_started()) continue;
      if (peer->waiting() < kMostWaiting || !options_.listen) {
        peer->give(taken_);
        heard = true;
      } else {
        dropped_ += count;
      }
    }
    if (heard) sent_ += count;
  }
}

/// What waits is sent, and STOP; FINISH is not waited for.
void Sink::end() {
  const auto until = Clock::now() + kLast;
  pass_on();
  for (const auto& peer : peers_) peer->stop();
  while (Clock::now() < until) {
    std::erase_if(peers_, [](const auto& peer) { return !peer->go_on() || peer->waiting() == 0; });
    if (peers_.empty()) break;
    std::vector<pollfd> waited;
    for (const auto& peer : peers_) waited.push_back({peer->fd(), POLLOUT, 0});
    ::poll(waited.data(), waited.size(), static_cast<int>(kFlush.count()));
  }
  if (options_.listen && options_.transport == Transport::Unix && listener_.is_open())
    ::unlink(options_.path.c_str());
}

void Sink::lost(const std::string& why) {
  log_.write(net::LogLevel::Error, "dnstap", "No connection to dnstap endpoint: " + why);
}

void Sink::tell_dropped(Clock::time_point now) {
  const uint64_t dropped = dropped_;
  if (dropped == told_ || now < told_at_ + kTellEach) return;
  log_.write(net::LogLevel::Warning, "dnstap",
             "Dropped dnstap messages: " + std::to_string(dropped - told_));
  told_ = dropped;
  told_at_ = now;
}

void Sink::collect(metrics::FamilySet& families) const {
  const std::string endpoint = options_.endpoint();
  auto& messages = families.counter({"fairlead_dnstap_messages_total",
                                     "Messages of dnstap by what became of them: sent, dropped.",
                                     {"endpoint", "result"}});
  messages.add({endpoint, "sent"}, static_cast<double>(sent_.load()));
  messages.add({endpoint, "dropped"}, static_cast<double>(dropped_.load()));
  families
      .counter({"fairlead_dnstap_connections_total",
                "Conversations with readers of dnstap that began.",
                {"endpoint"}})
      .add({endpoint}, static_cast<double>(connections_.load()));
}

std::string Sink::status() const {
  return options_.endpoint() + " " + std::to_string(connected_.load()) +
         (connected_.load() == 1 ? " reader, " : " readers, ") + std::to_string(sent_.load()) +
         " sent, " + std::to_string(dropped_.load()) + " dropped";
}

}  // namespace fairlead::plugins::dnstap
