#include "http/http.h"

#include <netdb.h>

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstring>
#include <list>
#include <map>
#include <utility>

#include "dns/name.h"
#include "net/asio.h"
#include "net/endpoint.h"
#include "net/quietly.h"

namespace fairlead::http {

namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kRequestTime{10};
constexpr std::chrono::seconds kIdleTime{60};
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr uint32_t kHeaderLimit = 8 * 1024;
constexpr uint64_t kBodyLimit = 4096;

using Paths = std::map<std::string, std::function<HttpReply()>>;

struct Listener {
  explicit Listener(asio::io_context& io) : acceptor(io), pause(io) {}
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  Paths paths;
};

class Connection;

}  // namespace

struct HttpServer::State {
  explicit State(asio::io_context& context) : io(context) {}
  asio::io_context& io;
  std::map<std::string, std::shared_ptr<Listener>> listeners;
  std::list<std::weak_ptr<Connection>> connections;
};

namespace {

HttpReply no_such_path() {
  return {404, "404 page not found\n"};
}

/// One client. Keeps itself alive through its pending operation.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, std::shared_ptr<Listener> listener,
             std::shared_ptr<HttpServer::State> server)
      : stream_(std::move(socket)), listener_(std::move(listener)), server_(std::move(server)) {}

  ~Connection() {
    server_->connections.remove_if([](const auto& other) { return other.expired(); });
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start() { read(kRequestTime); }

  /// Since when no whole request has come; empty while one is answered.
  [[nodiscard]] std::optional<Clock::time_point> waiting_since() const { return waiting_since_; }

  void close() {
    error_code ignored;
    stream_.socket().close(ignored);
  }

 private:
  void read(std::chrono::seconds limit) {
    waiting_since_ = Clock::now();
    parser_.emplace();
    parser_->header_limit(kHeaderLimit);
    parser_->body_limit(kBodyLimit);
    stream_.expires_after(limit);
    beast::http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, size_t) { self->on_read(error); });
  }

  void on_read(error_code error) {
    if (!error) return reply(answer());
    const bool ended =
        error == beast::http::error::end_of_stream || error == beast::http::error::partial_message;
    const bool not_http =
        error.category() == make_error_code(beast::http::error::bad_method).category();
    if (ended || !not_http) return close();
    // What was sent is not HTTP, or too much of it: say so and part.
    keep_alive_ = false;
    version_ = 11;
    head_ = false;
    reply({400, "400 Bad Request\n"});
  }

  HttpReply answer() {
    const auto& request = parser_->get();
    keep_alive_ = request.keep_alive();
    version_ = request.version();
    head_ = request.method() == beast::http::verb::head;
    std::string path(request.target());
    path.resize(std::min(path.size(), path.find('?')));
    const auto found = listener_->paths.find(path);
    if (found == listener_->paths.end()) return no_such_path();
    if (!head_ && request.method() != beast::http::verb::get)
      return {405, "405 method not allowed\n"};
    return found->second();
  }

  void reply(HttpReply what) {
    waiting_since_.reset();
    response_.emplace(static_cast<beast::http::status>(what.status), version_);
    response_->set(beast::http::field::content_type, what.content_type);
    if (what.status == 405) response_->set(beast::http::field::allow, "GET, HEAD");
    response_->keep_alive(keep_alive_);
    response_->content_length(what.body.size());
    if (!head_) response_->body() = std::move(what.body);
    stream_.expires_after(kRequestTime);
    // A serializer of our own, because the length of a reply to HEAD is that of a body it does not
    // have.
    serializer_.emplace(*response_);
    beast::http::async_write(
        stream_, *serializer_,
        [self = shared_from_this()](error_code error, size_t) { self->on_written(error); });
  }

  void on_written(error_code error) {
    const bool listening = listener_->acceptor.is_open();
    if (!error && keep_alive_ && listening) return read(kIdleTime);
    stream_.socket().shutdown(tcp::socket::shutdown_send, error);
    close();
  }

  beast::tcp_stream stream_;
  std::shared_ptr<Listener> listener_;
  std::shared_ptr<HttpServer::State> server_;
  beast::flat_buffer buffer_{kHeaderLimit + kBodyLimit};
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  std::optional<beast::http::response<beast::http::string_body>> response_;
  std::optional<beast::http::response_serializer<beast::http::string_body>> serializer_;
  std::optional<Clock::time_point> waiting_since_;
  bool keep_alive_ = false;
  bool head_ = false;
  unsigned version_ = 11;
};

// False when all connections are busy and one more would be too many.
bool make_room(HttpServer::State& server) {
  if (server.connections.size() < HttpServer::kMaxConnections) return true;
  std::shared_ptr<Connection> longest;
  for (const auto& weak : server.connections) {
    auto other = weak.lock();
    if (!other || !other->waiting_since()) continue;
    if (!longest || *other->waiting_since() < *longest->waiting_since()) longest = std::move(other);
  }
  if (!longest) return false;
  longest->close();
  server.connections.remove_if([&](const auto& other) { return other.lock() == longest; });
  return true;
}

void accept(const std::shared_ptr<HttpServer::State>& server,
            const std::shared_ptr<Listener>& listener);

// Out of descriptors: without a pause the event loop would spin.
void accept_later(const std::shared_ptr<HttpServer::State>& server,
                  const std::shared_ptr<Listener>& listener) {
  listener->pause.expires_after(kAcceptPause);
  listener->pause.async_wait([server, listener](error_code error) {
    if (!error) accept(server, listener);
  });
}

void accept(const std::shared_ptr<HttpServer::State>& server,
            const std::shared_ptr<Listener>& listener) {
  listener->acceptor.async_accept([server, listener](error_code error, tcp::socket socket) {
    if (!listener->acceptor.is_open()) return;
    if (error && error != asio::error::connection_aborted) return accept_later(server, listener);
    if (!error && make_room(*server)) {
      const auto connection = std::make_shared<Connection>(std::move(socket), listener, server);
      server->connections.push_back(connection);
      connection->start();
    }
    accept(server, listener);
  });
}

// The address to bind: IPv4 when the host name has both, as Go does. Without a host the wildcard of
// both families.
std::optional<tcp::endpoint> resolve(const std::string& host, uint16_t port, std::string& why) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const char* node = host.empty() ? nullptr : host.c_str();
  const std::string service = std::to_string(port);
  if (const int failure = getaddrinfo(node, service.c_str(), &hints, &list);
      failure != 0 || list == nullptr) {
    why = failure != 0 ? gai_strerror(failure) : "no address";
    return std::nullopt;
  }
  const int wanted = host.empty() ? AF_INET6 : AF_INET;
  const addrinfo* chosen = list;
  for (const addrinfo* a = list; a != nullptr; a = a->ai_next) {
    if (a->ai_family != wanted) continue;
    chosen = a;
    break;
  }
  tcp::endpoint endpoint;
  endpoint.resize(chosen->ai_addrlen);
  std::memcpy(endpoint.data(), chosen->ai_addr, chosen->ai_addrlen);
  freeaddrinfo(list);
  return endpoint;
}

error_code open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (endpoint.protocol() == tcp::v6()) {
    const bool any = endpoint.address().is_unspecified();
    acceptor.set_option(asio::ip::v6_only(!any), error);
  }
  acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

/// A listener on `address`, or nullptr and why not.
std::shared_ptr<Listener> listen(asio::io_context& io, const std::string& address,
                                 std::string& why) {
  const auto parts = net::split_host_port(address);
  if (!parts || !parts->port) {
    why = "listen tcp " + address + ": missing port in address";
    return nullptr;
  }
  const auto port = net::parse_port(*parts->port);
  if (!port) {
    why = "listen tcp " + address + ": invalid port";
    return nullptr;
  }
  const auto endpoint = resolve(std::string(parts->host), *port, why);
  if (!endpoint) {
    why = "listen tcp " + address + ": " + why;
    return nullptr;
  }
  auto listener = std::make_shared<Listener>(io);
  error_code error = open(listener->acceptor, *endpoint);
  if (error == asio::error::address_family_not_supported && parts->host.empty()) {
    listener = std::make_shared<Listener>(io);
    error = open(listener->acceptor, tcp::endpoint(tcp::v4(), *port));
  }
  if (!error) return listener;
  std::string reason = error.message();
  if (!reason.empty()) reason[0] = static_cast<char>(dns::lower(static_cast<uint8_t>(reason[0])));
  why = "listen tcp " + address + ": bind: " + reason;
  return nullptr;
}

// Its connections may outlive the listener by one request: they must not reach handlers of a
// configuration that is gone.
void close(Listener& listener) {
  error_code ignored;
  listener.paths.clear();
  listener.acceptor.close(ignored);
  listener.pause.cancel();
}

}  // namespace

HttpServer::HttpServer(asio::io_context& io) : state_(std::make_shared<State>(io)) {}

HttpServer::~HttpServer() {
  net::quietly([this] { stop(); });
}

std::optional<std::string> HttpServer::apply(std::vector<HttpRoute> routes) {
  std::map<std::string, Paths> wanted;
  for (HttpRoute& route : routes) wanted[route.address][route.path] = std::move(route.handler);

  std::map<std::string, std::shared_ptr<Listener>> opened;
  for (const auto& [address, paths] : wanted) {
    if (state_->listeners.count(address) > 0) continue;
    std::string why;
    opened[address] = listen(state_->io, address, why);
    if (!opened[address]) return why;
  }

  for (auto at = state_->listeners.begin(); at != state_->listeners.end();) {
    if (wanted.count(at->first) == 0) {
      close(*at->second);
      at = state_->listeners.erase(at);
    } else {
      ++at;
    }
  }
  state_->listeners.merge(opened);
  for (auto& [address, paths] : wanted) {
    const auto& listener = state_->listeners[address];
    const bool is_new = listener->paths.empty();
    listener->paths = std::move(paths);
    if (is_new) accept(state_, listener);
  }
  return std::nullopt;
}

uint16_t HttpServer::port(const std::string& address) const {
  const auto found = state_->listeners.find(address);
  if (found == state_->listeners.end()) return 0;
  error_code ignored;
  return found->second->acceptor.local_endpoint(ignored).port();
}

void HttpServer::stop() {
  for (const auto& [address, listener] : state_->listeners) close(*listener);
  state_->listeners.clear();
  const auto connections = state_->connections;
  for (const auto& weak : connections) {
    if (const auto connection = weak.lock()) connection->close();
  }
}

}  // namespace fairlead::http
