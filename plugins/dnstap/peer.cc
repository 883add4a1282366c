#include "plugins/dnstap/peer.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "net/socket_address.h"

namespace fairlead::plugins::dnstap {
namespace {

using State = net::TlsSession::State;

constexpr size_t kPiece = size_t{16} << 10;  // read, or encrypted, at once

bool is_later(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

Peer::Peer(net::FileDescriptor socket, std::unique_ptr<net::TlsSession> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)), accept_by_(Clock::now() + kHandshake) {
  append_control(Control::Ready, plain_);
  if (tls_ != nullptr) tls_->advance();
}

short Peer::wanted() const {
  const bool in_handshake = tls_ != nullptr && tls_->state() == State::Handshake;
  const bool writes = !cipher_.empty() || (tls_ != nullptr && tls_->output() > 0) ||
                      (!in_handshake && sent_ < plain_.size());
  return static_cast<short>(POLLIN | (writes ? POLLOUT : 0));
}

bool Peer::go_on() {
  return read() && write();
}

bool Peer::read() {
  std::array<uint8_t, kPiece> octets;
  const ssize_t n = ::recv(fd(), octets.data(), octets.size(), MSG_DONTWAIT);
  if (n == 0) return fail("EOF");
  if (n < 0) return is_later(errno) || fail(errno);
  const auto received = std::span<const uint8_t>(octets).first(static_cast<size_t>(n));
  if (tls_ == nullptr) return hear(received);
  tls_->receive(received);
  tls_->advance();
  std::array<uint8_t, kPiece> plain;
  while (const size_t size = tls_->read(plain)) {
    if (!hear(std::span(plain).first(size))) return false;
  }
  if (tls_->state() == State::Failed) return fail(tls_->error());
  return tls_->state() != State::Closed || fail("EOF");
}

bool Peer::hear(std::span<const uint8_t> octets) {
  while (!octets.empty()) {
    switch (reader_.take(octets)) {
      case ControlReader::Said::Nothing:
        break;
      case ControlReader::Said::Accept:
        if (std::exchange(started_, true)) return fail("a second ACCEPT");
        append_control(Control::Start, plain_);
        break;
      case ControlReader::Said::Finish:
        return fail("FINISH");
      case ControlReader::Said::Wrong:
        return fail("no Frame Streams of " + std::string(kContentType));
    }
  }
  return true;
}

bool Peer::write() {
  if (tls_ != nullptr) return write_tls();
  while (sent_ < plain_.size()) {
    const ssize_t n =
        ::send(fd(), plain_.data() + sent_, plain_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) return is_later(errno) || fail(errno);
    sent_ += static_cast<size_t>(n);
  }
  plain_.clear();
  sent_ = 0;
  return true;
}

bool Peer::write_tls() {
  for (;;) {
    if (cipher_.empty() && tls_->state() == State::Open && sent_ < plain_.size()) {
      const size_t size = std::min(plain_.size() - sent_, kPiece);
      if (!tls_->write(std::span(plain_).subspan(sent_, size))) return fail(tls_->error());
      sent_ += size;
    }
    if (sent_ == plain_.size()) {
      plain_.clear();
      sent_ = 0;
      if (stopped_) tls_->end();
    }
    tls_->take_output(cipher_);
    if (cipher_.empty()) return true;
    const ssize_t n = ::send(fd(), cipher_.data(), cipher_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) return is_later(errno) || fail(errno);
    cipher_.erase(cipher_.begin(), cipher_.begin() + static_cast<ptrdiff_t>(n));
  }
}

void Peer::stop() {
  if (started_ && !stopped_) append_control(Control::Stop, plain_);
  stopped_ = true;
}

bool Peer::fail(std::string why) {
  error_ = std::move(why);
  return false;
}

bool Peer::fail(int error) {
  return fail(net::error_text(error));
}

}  // namespace fairlead::plugins::dnstap
