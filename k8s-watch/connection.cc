#include "k8s-watch/connection.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <random>

#include "k8s-watch/tls.h"

namespace fairlead::k8s_watch {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

template <int kName>
using TcpOption = asio::detail::socket_option::integer<IPPROTO_TCP, kName>;

// A peer that is gone without a word (a dead node, a NAT that forgot) is found within half a
// minute: by the kernel's probes while nothing is sent, by TCP_USER_TIMEOUT while something is.
void set_options(tcp::socket& socket) {
  error_code ignored;  // a kernel without an option still has a working connection
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  socket.set_option(TcpOption<TCP_KEEPIDLE>(15), ignored);
  socket.set_option(TcpOption<TCP_KEEPINTVL>(5), ignored);
  socket.set_option(TcpOption<TCP_KEEPCNT>(3), ignored);
  socket.set_option(TcpOption<TCP_USER_TIMEOUT>(30'000), ignored);
}

}  // namespace

Destination::Destination(const ApiAccess& api_access)
    : url(parse_url(api_access.url, api_access.peer)),
      access(api_access),
      tls(url.tls ? make_tls(access) : nullptr) {}

Connection::Connection(asio::io_context& io, std::shared_ptr<const Destination> destination)
    : destination_(std::move(destination)), resolver_(io), socket_(io) {}

void Connection::open(Opened opened) {
  opened_ = std::move(opened);
  const Url& url = destination_->url;
  // No resolver, and so no thread of it, for an address.
  error_code not_literal;
  const auto address = asio::ip::make_address(url.host, not_literal);
  if (!not_literal) return connect({tcp::endpoint(address, url.port)});
  resolver_.async_resolve(
      url.host, std::to_string(url.port), tcp::resolver::numeric_service,
      [this, self = shared_from_this()](error_code error,
                                        const tcp::resolver::results_type& addresses) {
        if (error) return finish("resolving " + destination_->url.host + ": " + error.message());
        connect({addresses.begin(), addresses.end()});
      });
}

void Connection::close() {
  opened_ = nullptr;
  error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
}

void Connection::connect(std::vector<tcp::endpoint> addresses) {
  if (!opened_) return;
  // An address that swallows everything takes all the time there is to connect; the next attempt
  // must be able to begin with another.
  const auto seed =
      static_cast<uint32_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  std::ranges::shuffle(addresses, std::minstd_rand(seed));
  asio::async_connect(socket_, addresses,
                      [this, self = shared_from_this()](error_code error, const tcp::endpoint&) {
                        if (error) return finish("connecting: " + error.message());
                        connected();
                      });
}

void Connection::connected() {
  if (!opened_) return;
  set_options(socket_);
  if (!destination_->url.tls) return finish("");
  shake_hands();
}

void Connection::shake_hands() {
  asio::ssl::context context(destination_->tls->share());  // the stream keeps what it needs of it
  tls_.emplace(socket_, context);
  // A name that cannot be expected fails the handshake.
  net::expect_server(tls_->native_handle(), server_of(destination_->url, destination_->access));
  tls_->async_handshake(
      asio::ssl::stream_base::client, [this, self = shared_from_this()](error_code error) {
        finish(error ? net::handshake_error(tls_->native_handle(), error.message()) : "");
      });
}

void Connection::finish(const std::string& error) {
  // Moved out first: it holds its caller, which holds this connection.
  if (const Opened opened = std::move(opened_)) opened(error);
}

}  // namespace fairlead::k8s_watch
