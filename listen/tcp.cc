#include "listen/tcp.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include "listen/doh_session.h"
#include "listen/doh_settings.h"
#include "listen/tcp_session.h"
#include "net/socket_address.h"

namespace fairlead::listen {
namespace {

using std::chrono::milliseconds;

constexpr int kAcceptsPerEvent = 64;
constexpr int kLargestQueue = 65536;  // more than any backlog
constexpr milliseconds kFirstPause{20};
constexpr milliseconds kLongestPause{1000};
constexpr milliseconds kLongestTick{250};
constexpr milliseconds kShortestTick{5};

net::FileDescriptor open_reserve() {
  return net::FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

net::Endpoint local_endpoint(int socket) {
  net::SocketAddress address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, &address.any, &size) != 0) return {};
  return net::endpoint_of(address);
}

/// An error of one connection, not of the listening socket (accept(2)).
bool is_of_one_connection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case EPERM:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case EOPNOTSUPP:
      return true;
    default:
      return false;
  }
}

}  // namespace

/// One listening socket.
class TcpServer::Acceptor : public std::enable_shared_from_this<TcpServer::Acceptor> {
 public:
  Acceptor(TcpServer& server, uint32_t listener)
      : server_(server),
        listener_(listener),
        socket_(server.shared_.context),
        pause_(server.shared_.context) {}

  void start(net::FileDescriptor socket) {
    boost::system::error_code ec;
    socket_.assign(socket.get(), ec);
    if (ec) {
      server_.shared_.counters.accept_errors.add();
      return;
    }
    static_cast<void>(socket.release());
    wait();
  }

  void drain() {
    if (!socket_.is_open()) return;
    accept_up_to(kLargestQueue);
    close();
  }

  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    pause_.cancel(ignored);
  }

 private:
  void wait() {
    socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& ec) {
                         if (!ec && self->socket_.is_open()) self->on_readable();
                       });
  }

  void on_readable() {
    if (accept_up_to(kAcceptsPerEvent)) {
      pause_length_ = kFirstPause;
      wait();
      return;
    }
    pause_.expires_after(pause_length_);
    pause_length_ = std::min(2 * pause_length_, kLongestPause);
    pause_.async_wait([self = shared_from_this()](const boost::system::error_code& ec) {
      if (!ec && self->socket_.is_open()) self->wait();
    });
  }

  /// False when nobody can be served beside those who are: go on after a pause.
  bool accept_up_to(int count) {
    const int listening = socket_.native_handle();
    for (int i = 0; i < count; ++i) {
      if (!server_.may_accept(listener_, listening)) return false;
      net::SocketAddress client{};
      socklen_t size = sizeof client;
      net::FileDescriptor socket(
          ::accept4(listening, &client.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket.is_open()) {
        const net::Endpoint local = local_endpoint(socket.get());
        server_.admit(std::move(socket),
                      {net::endpoint_of(client), local, listener_, net::scope_id_of(client)});
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      if (is_of_one_connection(errno)) continue;
      server_.shared_.counters.accept_errors.add();
      server_.relieve(listening);
      return false;
    }
    return true;
  }

  TcpServer& server_;
  const uint32_t listener_;
  asio::posix::stream_descriptor socket_;
  asio::steady_timer pause_;
  milliseconds pause_length_ = kFirstPause;
};

TcpServer::TcpServer(asio::io_context& context, const TcpOptions& options, TcpCounters& counters,
                     std::unique_ptr<net::Responder>& responder)
    : shared_(context, options, counters, responder),
      reserve_(open_reserve()),
      deadlines_(context) {
  shared_.on_close = [this](Session& session) { forget(session); };
}

TcpServer::~TcpServer() {
  abort();
}

void TcpServer::listen(uint32_t listener, net::FileDescriptor socket) {
  const auto acceptor = std::make_shared<Acceptor>(*this, listener);
  acceptors_.emplace(listener, acceptor);
  acceptor->start(std::move(socket));
}

void TcpServer::close(uint32_t listener) {
  const auto [begin, end] = acceptors_.equal_range(listener);
  for (auto it = begin; it != end; ++it) it->second->drain();
  acceptors_.erase(begin, end);
  settings_.erase(listener);
  finish_sessions(false, listener);
}

void TcpServer::close_all() {
  for (auto& [listener, acceptor] : acceptors_) acceptor->drain();
  acceptors_.clear();
  finish_sessions(true, 0);
}

void TcpServer::abort() {
  for (auto& [listener, acceptor] : acceptors_) acceptor->close();
  acceptors_.clear();
  const Sessions all = sessions_;
  for (const auto& [key, session] : all) session->close();
  boost::system::error_code ignored;
  deadlines_.cancel(ignored);
}

void TcpServer::finish_sessions(bool all, uint32_t listener) {
  const Sessions open = sessions_;
  for (const auto& [key, session] : open) {
    if (all || session->peers().listener == listener) session->finish();
  }
}

void TcpServer::admit(net::FileDescriptor socket, const net::Peers& peers) {
  const TcpSettings& settings = settings_of(peers.listener);
  if (settings.tls != nullptr && !shared_.handshakes.has_room(peers.client.address)) {
    shared_.counters.handshakes_refused.add();
    return;
  }
  if (!make_room(peers.client.address)) {
    shared_.counters.refused.add();
    return;
  }
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::shared_ptr<Session> session =
      settings.doh != nullptr
          ? std::shared_ptr<Session>(std::make_shared<DohSession>(shared_, peers, settings))
          : std::make_shared<TcpSession>(shared_, peers, settings);
  if (!session->start(std::move(socket))) {
    shared_.counters.accept_errors.add();
    return;
  }
  sessions_.emplace(session.get(), session);
  ++per_client_[peers.client.address];
  shared_.counters.accepted.add();
  shared_.counters.connections.set(sessions_.size());
  watch_deadlines();
}

/// True when one more connection of `client` is within the limits, if need be after closing the one
/// that was idle for longest.
bool TcpServer::make_room(const dns::IpAddress& client) {
  const auto known = per_client_.find(client);
  if (known != per_client_.end() && known->second >= shared_.options.connections_per_client)
    return false;
  if (sessions_.size() < shared_.options.connections) return true;
  return evict_oldest([](const Session&) { return true; });
}

/// True when there was an idle one among those for which `which` is true.
template <typename Which>
bool TcpServer::evict_oldest(Which which) {
  std::shared_ptr<Session> oldest;
  for (const auto& [key, session] : sessions_) {
    if (!session->is_idle() || !which(*session)) continue;
    if (!oldest || session->deadline() < oldest->deadline()) oldest = session;
  }
  if (!oldest) return false;
  shared_.counters.evicted.add();
  oldest->close();
  return true;
}

/// A listener with a limit of its own lets those who are too many wait in the kernel's queue.
bool TcpServer::may_accept(uint32_t listener, int listening_socket) {
  const auto& doh = settings_of(listener).doh;
  if (doh == nullptr || doh->connections->has_room(doh->max_connections)) return true;
  pollfd queue{listening_socket, POLLIN, 0};
  if (::poll(&queue, 1, 0) != 1) return true;  // nobody waits
  return evict_oldest(
      [listener](const Session& session) { return session.peers().listener == listener; });
}

const TcpSettings& TcpServer::settings_of(uint32_t listener) const {
  const auto own = settings_.find(listener);
  return own != settings_.end() ? own->second : shared_.options;
}

void TcpServer::forget(Session& session) {
  const auto client = per_client_.find(session.peers().client.address);
  if (client != per_client_.end() && --client->second == 0) per_client_.erase(client);
  sessions_.erase(&session);
  shared_.counters.connections.set(sessions_.size());
}

/// Without a free descriptor a queued connection would wait for its client's timeout; this turns
/// one away instead.
void TcpServer::relieve(int listening_socket) {
  reserve_.reset();
  net::FileDescriptor turned_away(::accept4(listening_socket, nullptr, nullptr, SOCK_CLOEXEC));
  if (turned_away.is_open()) shared_.counters.refused.add();
  turned_away.reset();  // so that the reserve finds a free descriptor
  reserve_ = open_reserve();
}

/// One timer for all sessions, running while there are any: a deadline is met within a tick.
void TcpServer::watch_deadlines() {
  if (watching_ || sessions_.empty()) return;
  watching_ = true;
  milliseconds shortest = shared_.options.shortest();
  for (const auto& [listener, settings] : settings_)
    shortest = std::min(shortest, settings.shortest());
  deadlines_.expires_after(std::clamp(shortest / 4, kShortestTick, kLongestTick));
  deadlines_.async_wait([this](const boost::system::error_code& ec) {
    if (ec) return;
    watching_ = false;
    const auto now = Session::Clock::now();
    for (auto it = sessions_.begin(); it != sessions_.end();) {
      const auto session = (it++)->second;
      session->check_deadline(now);
    }
    watch_deadlines();
  });
}

}  // namespace fairlead::listen
