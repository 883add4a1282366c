// The small HTTP server behind /health, /ready, /metrics and /debug/pprof. HTTP/1.1, GET and HEAD;
// TLS and passwords where a route has a guard.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/guard.h"

namespace boost::asio {
class io_context;
}

namespace fairlead::http {

struct HttpReply {
  unsigned status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  std::string location{};  // of a redirection
};

/// What answers `path` on `address`. The address is HOST:PORT as in a Corefile: ":8080" is every
/// address of the machine, "localhost:9153" and "[::1]:8181" one. The handler runs on the
/// io_context's thread and must be quick.
struct HttpRoute {
  std::string address;
  std::string path;
  std::function<HttpReply()> handler;
  /// Null: apply() fails when the address cannot be opened. Else all other addresses are served
  /// without it, and this is told why. It is tried again from time to time, unless its host is
  /// unknown (looking it up may hold the thread for seconds), and once it is open this is told "".
  std::function<void(const std::string& why)> unopened{};
  /// What stands before every path of the address; of several the last. Null: nothing.
  std::shared_ptr<Guard> guard{};
};

/// Listens where its routes say. Used by the thread that runs `io` only, or while nobody runs it.
/// Bounds: kMaxConnections at once (one more closes the one that has waited longest for a request,
/// so that nobody can hold all of them against the kubelet's probes), 8 KiB of header, 4 KiB of
/// body, 10 s for a request to arrive or a reply to leave, 60 s between requests.
class HttpServer {
 public:
  static constexpr size_t kMaxConnections = 64;

  /// `retry_after`: until an address that could not be opened is tried again.
  explicit HttpServer(boost::asio::io_context& io,
                      std::chrono::milliseconds retry_after = std::chrono::seconds(5));
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Makes `routes` the whole of what is served: opens new addresses, keeps those already open with
  /// their connections, closes the others. All or nothing: on an error, returned as text ("listen
  /// tcp :8080: bind: address already in use"), nothing has changed. HttpRoute::unopened says what
  /// is no error. Of two routes with the same address and path the last one holds.
  std::optional<std::string> apply(std::vector<HttpRoute> routes);

  /// The port an address of apply() is bound to, 0 when it is not: for tests that ask for port 0.
  [[nodiscard]] uint16_t port(const std::string& address) const;

  /// Closes every listener and connection.
  void stop();

  struct State;  // shared with the connections

 private:
  std::shared_ptr<State> state_;
};

}  // namespace fairlead::http
