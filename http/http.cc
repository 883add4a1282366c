#include "http/http.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>
#include <variant>

#include "http/acceptor.h"
#include "http/connection.h"
#include "net/asio.h"
#include "net/quietly.h"

namespace fairlead::http {

using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};

/// What one address is to serve.
struct Wanted {
  Paths paths;
  std::vector<std::function<void(const std::string&)>> tell;  // when it cannot be opened
  bool needed = false;
  std::shared_ptr<Guard> guard;

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

}  // namespace

struct HttpServer::State {
  State(asio::io_context& context, std::chrono::milliseconds again_after)
      : io(context),
        retry(context),
        retry_after(again_after),
        shared(std::make_shared<Shared>(context)) {}
  asio::io_context& io;
  std::map<std::string, std::shared_ptr<Listener>> listeners;
  std::map<std::string, Unopened> unopened;
  asio::steady_timer retry;
  const std::chrono::milliseconds retry_after;
  const std::shared_ptr<Shared> shared;
};

namespace {

// False when all connections are busy and one more would be too many.
bool make_room(HttpServer::State& server) {
  Connections& connections = server.shared->connections;
  if (connections.size() < HttpServer::kMaxConnections) return true;
  std::shared_ptr<Connection> longest;
  for (const auto& weak : connections) {
    auto other = weak.lock();
    if (!other || !other->waiting_since()) continue;
    if (!longest || *other->waiting_since() < *longest->waiting_since()) longest = std::move(other);
  }
  if (!longest) return false;
  longest->close();
  connections.remove_if([&](const auto& other) { return other.lock() == longest; });
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
    if (!error && make_room(*server)) start_connection(std::move(socket), listener, server->shared);
    accept(server, listener);
  });
}

/// A listener on `address`; else nullptr, and `failed` says why.
std::shared_ptr<Listener> listen(asio::io_context& io, const std::string& address, Guard* guard,
                                 Unopened& failed) {
  if (!failed.endpoint) {
    auto found = look_up(address);
    if (auto* why = std::get_if<std::string>(&found)) {
      failed.why = std::move(*why);
      return nullptr;
    }
    failed.endpoint = std::get<tcp::endpoint>(found);
  }
  if (guard != nullptr) {
    failed.why = guard->refresh();
    if (!failed.why.empty()) return nullptr;
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
    if (route.guard) wanted.guard = std::move(route.guard);
    if (route.unopened) wanted.tell.push_back(std::move(route.unopened));
  }
  return all;
}

void serve(const std::shared_ptr<HttpServer::State>& state,
           const std::shared_ptr<Listener>& listener, Wanted wanted) {
  const bool is_new = listener->paths.empty();
  listener->paths = std::move(wanted.paths);
  listener->guard = std::move(wanted.guard);
  if (is_new) accept(state, listener);
}

/// Opens what can be opened now.
void try_unopened(const std::shared_ptr<HttpServer::State>& state, bool tell) {
  for (auto at = state->unopened.begin(); at != state->unopened.end();) {
    auto& [address, failed] = *at;
    const std::string before = failed.why;
    const auto listener =
        failed.endpoint ? listen(state->io, address, failed.wanted.guard.get(), failed) : nullptr;
    if (!listener) {
      if (tell && failed.why != before) failed.wanted.tell_all(failed.why);
      ++at;
      continue;
    }
    state->listeners[address] = listener;
    const auto tellers = failed.wanted.tell;
    serve(state, listener, std::move(failed.wanted));
    if (tell) {
      for (const auto& one : tellers) one({});
    }
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
    if (state_->listeners.contains(address)) {
      if (what.guard == nullptr) continue;
      const std::string why = what.guard->refresh();
      if (!why.empty()) what.tell_all(why);  // it stays open, and its guard lets nobody in
      continue;
    }
    Unopened failed;
    if (auto listener = listen(state_->io, address, what.guard.get(), failed)) {
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
      serve(state_, state_->listeners[address], std::move(what));
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
  state_->shared->passwords.stop();
  const auto connections = state_->shared->connections;
  for (const auto& weak : connections) {
    if (const auto connection = weak.lock()) connection->close();
  }
}

}  // namespace fairlead::http
