#include "server/status_socket.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <utility>

#include "net/prng.h"

namespace fairlead::server {
namespace {

constexpr int kBacklog = 8;
constexpr int kSendBuffer = 256 << 10;  // a reply fits, so that one call sends it
constexpr std::chrono::milliseconds kPause{100};

std::string random_name() {
  std::array<char, 17> digits{};
  const uint64_t number = net::Prng::from_system()();
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(number));
  return std::string(kStatusSocketPrefix) + digits.data();
}

}  // namespace

StatusSocket::StatusSocket(asio::io_context& io, std::function<std::string()> reply)
    : acceptor_(io), pause_(io), reply_(std::move(reply)), name_(random_name()) {}

std::string StatusSocket::open() {
  boost::system::error_code error;
  acceptor_.open(Protocol(), error);
  if (!error) acceptor_.bind(Protocol::endpoint(std::string(1, '\0') + name_), error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (error) {
    close();
    return error.message();
  }
  accept();
  return {};
}

void StatusSocket::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void StatusSocket::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, Protocol::socket client) {
    if (!acceptor_.is_open() || error == asio::error::operation_aborted) return;
    if (!error) {
      tell(client);
      return accept();
    }
    // Out of descriptors: without a pause the event loop would spin.
    pause_.expires_after(kPause);
    pause_.async_wait([this](const boost::system::error_code& stopped) {
      if (!stopped && acceptor_.is_open()) accept();
    });
  });
}

// What is in the buffer is delivered although the socket is closed: nobody is waited for.
void StatusSocket::tell(Protocol::socket& client) const {
  const int fd = client.native_handle();
  if (!may_ask(peer_of(fd), geteuid())) return;
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
  const std::string text = reply_();
  static_cast<void>(::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

std::string status_reply(bool ready, std::string_view text) {
  return (ready ? "ready\n" : "not ready\n") + std::string(text);
}

ucred peer_of(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {};
  return peer;
}

bool may_ask(const ucred& peer, uid_t server) {
  return peer.pid != 0 && (peer.uid == 0 || peer.uid == server);
}

}  // namespace fairlead::server
