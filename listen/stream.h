// One client's connection as octets, over TLS or not: what sessions read from and write to.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "dns/address.h"
#include "listen/handshakes.h"
#include "net/asio.h"
#include "net/file_descriptor.h"
#include "net/tls_session.h"

namespace fairlead::listen {

/// Touched by its worker's thread only. Without TLS each call is the system's own.
class Stream {
 public:
  /// `buffered` counts what is kept, `handshakes` those that are under way; all outlive it.
  Stream(asio::io_context& context, size_t& buffered, Handshakes& handshakes)
      : buffered_(buffered), handshakes_(handshakes), socket_(context) {}
  ~Stream() { close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Takes the connected, non-blocking socket of `client`. `tls`: null without. False when the
  /// event loop cannot take one more.
  bool start(net::FileDescriptor socket, const net::TlsContext* tls, const dns::IpAddress& client);

  /// Says goodbye as far as that can be done now, and closes.
  void close();

  /// As recv(2): 0 at the end, -1 with errno. With TLS the handshake goes on here, and what cannot
  /// be understood is EPROTO.
  ssize_t receive(std::span<uint8_t> out) {
    if (tls_ == nullptr) return ::recv(socket_.native_handle(), out.data(), out.size(), 0);
    return receive_tls(out);
  }

  /// As send(2). With TLS some octets may wait for the client after they were taken: has_unsent().
  ssize_t send(std::span<const uint8_t> octets) {
    if (tls_ == nullptr)
      return ::send(socket_.native_handle(), octets.data(), octets.size(), MSG_NOSIGNAL);
    return send_tls(octets);
  }

  /// There is more to be sent, by push(), when the client takes more.
  [[nodiscard]] bool has_unsent() const { return tls_ != nullptr && !tls_->output.empty(); }
  /// False when the connection is gone.
  bool push() { return tls_ == nullptr || push_tls(); }

  /// Nothing can be sent before the handshake has ended.
  [[nodiscard]] bool in_handshake() const {
    return tls_ != nullptr && tls_->session.state() == net::TlsSession::State::Handshake;
  }
  /// Null without TLS.
  [[nodiscard]] const net::TlsSession* tls() const {
    return tls_ != nullptr ? &tls_->session : nullptr;
  }

  /// `then` is called with an error code once, when receive() may have something. In a handshake it
  /// has to wait for its turn.
  template <class Then>
  void wait_readable(Then then) {
    if (in_handshake()) return wait_for_handshake(std::move(then));
    if (tls_ != nullptr && (tls_->session.has_unread() || tls_->session.has_ended())) {
      asio::post(socket_.get_executor(),
                 [then = std::move(then)]() mutable { then(boost::system::error_code()); });
      return;
    }
    socket_.async_wait(asio::posix::stream_descriptor::wait_read, std::move(then));
  }

  /// The same of send() and push().
  template <class Then>
  void wait_writable(Then then) {
    socket_.async_wait(asio::posix::stream_descriptor::wait_write, std::move(then));
  }

 private:
  struct Tls {
    Tls(const net::TlsContext& context, Handshakes& handshakes, const dns::IpAddress& client)
        : session(context), place(std::in_place, handshakes, client) {}
    net::TlsSession session;
    std::optional<Handshakes::Place> place;  // until the handshake has ended
    std::vector<uint8_t> output;             // encrypted, and not taken by the client yet
  };

  template <class Then>
  void wait_for_handshake(Then then) {
    socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [&turns = handshakes_, then](const boost::system::error_code& ec) mutable {
                         if (ec) return then(ec);
                         turns.take_turn([then, ec]() mutable { then(ec); });
                       });
  }

  size_t read_records(std::span<uint8_t> out);
  ssize_t receive_tls(std::span<uint8_t> out);
  ssize_t send_tls(std::span<const uint8_t> octets);
  bool push_tls();

  size_t& buffered_;
  Handshakes& handshakes_;
  asio::posix::stream_descriptor socket_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace fairlead::listen
