#include "listen/stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace fairlead::listen {
namespace {

using State = net::TlsSession::State;

constexpr size_t kPieceSize = size_t{16} << 10;   // encrypted octets for each call
constexpr size_t kRecordSize = size_t{16} << 10;  // a record of TLS

ssize_t failed(int error) {
  errno = error;
  return -1;
}

}  // namespace

bool Stream::start(net::FileDescriptor socket, const net::TlsContext* tls,
                   const dns::IpAddress& client) {
  if (tls != nullptr) tls_ = std::make_unique<Tls>(*tls, handshakes_, client);
  boost::system::error_code ec;
  socket_.assign(socket.get(), ec);
  if (ec) return false;
  static_cast<void>(socket.release());
  return true;
}

void Stream::close() {
  if (!socket_.is_open()) return;
  if (tls_ != nullptr) {
    tls_->session.end();
    static_cast<void>(push_tls());
    buffered_ -= tls_->output.size();
    tls_->output.clear();
    tls_->place.reset();
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

// All records that have arrived: what clients ask together is answered together.
size_t Stream::read_records(std::span<uint8_t> out) {
  size_t size = 0;
  while (size < out.size()) {
    const size_t more = tls_->session.read(out.subspan(size));
    if (more == 0) break;
    size += more;
  }
  return size;
}

// Whatever a client sends, one call takes no more from the socket than one piece.
ssize_t Stream::receive_tls(std::span<uint8_t> out) {
  net::TlsSession& session = tls_->session;
  for (bool received = false;; received = true) {
    const size_t size = read_records(out);
    if (size != 0) return static_cast<ssize_t>(size);
    // Behind a handshake there may be tickets, behind a failure an alert.
    if (!push_tls()) return -1;
    if (session.state() == State::Failed) return failed(EPROTO);
    if (session.state() == State::Closed) return 0;
    if (received) return failed(EAGAIN);
    std::array<uint8_t, kPieceSize> piece;
    const ssize_t n = ::recv(socket_.native_handle(), piece.data(), piece.size(), 0);
    if (n <= 0) return n;
    session.receive(std::span(piece).first(static_cast<size_t>(n)));
    if (session.advance() != State::Handshake) tls_->place.reset();
  }
}

ssize_t Stream::send_tls(std::span<const uint8_t> octets) {
  if (!push_tls()) return -1;
  if (has_unsent()) return failed(EAGAIN);
  const auto piece = octets.first(std::min(octets.size(), kRecordSize));
  if (!tls_->session.write(piece)) return failed(EPROTO);
  if (!push_tls()) return -1;
  return static_cast<ssize_t>(piece.size());
}

// Keeps no buffer while the client takes everything.
bool Stream::push_tls() {
  std::vector<uint8_t>& output = tls_->output;
  buffered_ -= output.size();
  tls_->session.take_output(output);
  size_t sent = 0;
  int error = 0;
  while (sent < output.size() && error == 0) {
    const ssize_t n =
        ::send(socket_.native_handle(), output.data() + sent, output.size() - sent, MSG_NOSIGNAL);
    if (n >= 0) {
      sent += static_cast<size_t>(n);
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (sent == output.size()) {
    std::vector<uint8_t>().swap(output);
  } else {
    output.erase(output.begin(), output.begin() + static_cast<ptrdiff_t>(sent));
  }
  buffered_ += output.size();
  if (error == 0 || error == EAGAIN || error == EWOULDBLOCK) return true;
  return failed(error) == 0;
}

}  // namespace fairlead::listen
