// One client of the HTTP server. Internal to http/.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/http.h"
#include "http/passwords.h"
#include "net/asio.h"

namespace fairlead::http {

using Paths = std::map<std::string, std::function<HttpReply()>>;

/// An address that is open, shared with its connections.
struct Listener {
  explicit Listener(asio::io_context& io) : acceptor(io), pause(io) {}
  asio::ip::tcp::acceptor acceptor;
  asio::steady_timer pause;
  Paths paths;
  std::shared_ptr<Guard> guard;
};

/// One client. Keeps itself alive through its pending operation.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~Connection() = default;

  /// Since when no whole request has come; empty while one is answered.
  [[nodiscard]] virtual std::optional<Clock::time_point> waiting_since() const = 0;
  virtual void close() = 0;
};

/// All connections of a server, those that are gone too.
using Connections = std::list<std::weak_ptr<Connection>>;

/// What connections share.
struct Shared {
  explicit Shared(asio::io_context& io) : passwords(io) {}
  Connections connections;
  Passwords passwords;
};

/// Serves `socket`, which came to `listener`: with TLS when its guard has rules for that.
void start_connection(asio::ip::tcp::socket socket, const std::shared_ptr<Listener>& listener,
                      const std::shared_ptr<Shared>& shared);

}  // namespace fairlead::http
