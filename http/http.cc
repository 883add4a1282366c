#include "http/http.h"

#include <algorithm>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <list>
#include <map>
#include <utility>
#include <variant>

#include "http/acceptor.h"
#include "net/asio.h"
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

/// What one address is to serve.
struct Wanted {
  Paths paths;
  std::vector<std::function<void(const std::string&)>> tell;  // when it cannot be opened
  bool needed = false;

  void tell_all(const std::string& why) const {
    for (const auto& one : tell) one(why);
  }
};

/// An address that could not be opened.
struct Unopened {
  Wanted wanted;
  std::optional<tcp::endpoint> endpoint;  // none: its host is unknown, and not looked up again
  std::string why;
};

struct Listener {
  explicit Listener(asio::io_context& io) : acceptor(io), pause(io) {}
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  Paths paths;
};

class Connection;

}  // namespace

struct HttpServer::State {
  State(asio::io_context& context, std::chrono::milliseconds again_after)
      : io(context), retry(context), retry_after(again_after) {}
  asio::io_context& io;
  std::map<std::string, std::shared_ptr<Listener>> listeners;
  std::map<std::string, Unopened> unopened;
  asio::steady_timer retry;
  const std::chrono::milliseconds retry_after;
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

/// A listener on `address`; else nullptr, and `failed` says why.
std::shared_ptr<Listener> listen(asio::io_context& io, const std::string& address,
                                 Unopened& failed) {
  if (!failed.endpoint) {
    auto found = look_up(address);
    if (auto* why = std::get_if<std::string>(&found)) {
      failed.why = std::move(*why);
      return nullptr;
    }
    failed.endpoint = std::get<tcp::endpoint>(found);
  }
  auto listener = std::make_shared<Listener>(io);
  failed.why = listen_at(*failed.endpoint, address, listener->acceptor);
  return failed.why.empty() ? listener : nullptr;
}

// Its connections may outlive the listener by one request: they must not reach handlers of a
// configuration that is gone.
void close(Listener& listener) {
  error_code ignored;
  listener.paths.clear();
  listener.acceptor.close(ignored);
  listener.pause.cancel();
}

std::map<std::string, Wanted> by_address(std::vector<HttpRoute> routes) {
  std::map<std::string, Wanted> all;
  for (HttpRoute& route : routes) {
    Wanted& wanted = all[route.address];
    wanted.paths[route.path] = std::move(route.handler);
    wanted.needed = wanted.needed || !route.unopened;
    if (route.unopened) wanted.tell.push_back(std::move(route.unopened));
  }
  return all;
}

void serve(const std::shared_ptr<HttpServer::State>& state,
           const std::shared_ptr<Listener>& listener, Paths paths) {
  const bool is_new = listener->paths.empty();
  listener->paths = std::move(paths);
  if (is_new) accept(state, listener);
}

/// Opens what can be opened now.
void try_unopened(const std::shared_ptr<HttpServer::State>& state, bool tell) {
  for (auto at = state->unopened.begin(); at != state->unopened.end();) {
    auto& [address, failed] = *at;
    const auto listener = failed.endpoint ? listen(state->io, address, failed) : nullptr;
    if (!listener) {
      ++at;
      continue;
    }
    state->listeners[address] = listener;
    serve(state, listener, std::move(failed.wanted.paths));
    if (tell) failed.wanted.tell_all({});
    at = state->unopened.erase(at);
  }
}

void retry_later(const std::shared_ptr<HttpServer::State>& state) {
  state->retry.cancel();
  const bool hope = std::any_of(state->unopened.begin(), state->unopened.end(),
                                [](const auto& one) { return one.second.endpoint.has_value(); });
  if (!hope) return;
  state->retry.expires_after(state->retry_after);
  state->retry.async_wait([state](error_code error) {
    if (error) return;
    try_unopened(state, true);
    retry_later(state);
  });
}

}  // namespace

HttpServer::HttpServer(asio::io_context& io, std::chrono::milliseconds retry_after)
    : state_(std::make_shared<State>(io, retry_after)) {}

HttpServer::~HttpServer() {
  net::quietly([this] { stop(); });
}

std::optional<std::string> HttpServer::apply(std::vector<HttpRoute> routes) {
  std::map<std::string, Wanted> wanted = by_address(std::move(routes));
  std::map<std::string, std::shared_ptr<Listener>> opened;
  std::map<std::string, Unopened> unopened;
  for (auto& [address, what] : wanted) {
    if (state_->listeners.contains(address)) continue;
    Unopened failed;
    if (auto listener = listen(state_->io, address, failed)) {
      opened[address] = std::move(listener);
    } else if (what.needed) {
      return failed.why;
    } else {
      unopened.emplace(address, std::move(failed));
    }
  }
  std::erase_if(state_->listeners, [&](const auto& entry) {
    if (wanted.contains(entry.first)) return false;
    close(*entry.second);
    return true;
  });
  state_->listeners.merge(opened);
  for (auto& [address, what] : wanted) {
    const auto failed = unopened.find(address);
    if (failed == unopened.end()) {
      serve(state_, state_->listeners[address], std::move(what.paths));
    } else {
      failed->second.wanted = std::move(what);
    }
  }
  state_->unopened = std::move(unopened);
  try_unopened(state_, false);  // what has just been closed may have been in the way
  for (const auto& [address, failed] : state_->unopened) failed.wanted.tell_all(failed.why);
  retry_later(state_);
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
  state_->unopened.clear();
  state_->retry.cancel();
  const auto connections = state_->connections;
  for (const auto& weak : connections) {
    if (const auto connection = weak.lock()) connection->close();
  }
}

}  // namespace fairlead::http
