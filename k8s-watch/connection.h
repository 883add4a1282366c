// One TCP or TLS connection to an API server, as a stream that Beast can read and write.
#pragma once

#include <boost/asio/ssl.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "k8s-watch/kubeconfig.h"
#include "k8s-watch/url.h"
#include "net/asio.h"
#include "net/tls_context.h"

namespace fairlead::k8s_watch {

/// What all connections of a transport have in common. Constant after construction.
struct Destination {
  explicit Destination(const ApiAccess& api_access);

  Url url;
  ApiAccess access;
  std::shared_ptr<const net::TlsContext> tls;  // null when the URL is http
};

/// Used by one thread. Reads and writes under way end with an error once close() was called; the
/// connection must live until their handlers have been called.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using executor_type = asio::ip::tcp::socket::executor_type;
  /// `error` is empty on success, else one line for the log.
  using Opened = std::function<void(const std::string& error)>;

  Connection(asio::io_context& io, std::shared_ptr<const Destination> destination);

  /// Resolves, connects and shakes hands. Called once. Has no deadline of its own. `opened` is not
  /// called after close().
  void open(Opened opened);
  void close();

  executor_type get_executor() { return socket_.get_executor(); }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      socket_.async_read_some(buffers, std::forward<Handler>(handler));
    }
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      socket_.async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

 private:
  void connect(std::vector<asio::ip::tcp::endpoint> addresses);
  void connected();
  void shake_hands();
  void finish(const std::string& error);

  std::shared_ptr<const Destination> destination_;
  asio::ip::tcp::resolver resolver_;
  asio::ip::tcp::socket socket_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
  Opened opened_;
};

}  // namespace fairlead::k8s_watch
