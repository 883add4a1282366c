#include "listen/doh_session.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "listen/http1.h"
#include "listen/http2.h"
#include "net/current_tls.h"

namespace fairlead::listen {
namespace {

constexpr size_t kProgress = size_t{64} << 10;  // octets that a slow client takes in its time

std::span<const uint8_t> octets_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

DohSession::DohSession(Shared& shared, const net::Peers& peers, const TcpSettings& settings)
    : Session(peers),
      shared_(shared),
      settings_(settings),
      stream_(shared.context, shared.buffered, shared.handshakes) {
  settings_.doh->connections->add();
}

// Also of one that was never started.
DohSession::~DohSession() {
  if (!closed_) settings_.doh->connections->remove();
}

bool DohSession::start(net::FileDescriptor socket) {
  const auto tls = settings_.tls != nullptr ? settings_.tls->get() : nullptr;
  if (!stream_.start(std::move(socket), tls.get(), peers().client.address)) return false;
  in_handshake_ = stream_.in_handshake();
  waiting_ = in_handshake_ ? Wait::Handshake : Wait::Request;
  deadline_ = Clock::now() + (in_handshake_ ? settings_.read : settings_.first);
  wait_readable();
  return true;
}

void DohSession::finish() {
  const auto self = shared_from_this();
  if (closed_) return;
  while (!closed_ && may_read() && read_once()) {
  }
  if (closed_) return;
  finishing_ = true;
  if (http_ != nullptr) http_->finish();
  go_on();
}

void DohSession::close() {
  if (closed_) return;
  closed_ = true;
  if (in_handshake_) shared_.counters.handshakes_failed.add();
  stream_.close();
  shared_.buffered -= std::exchange(kept_, 0);
  std::vector<uint8_t>().swap(unsent_);
  settings_.doh->connections->remove();
  shared_.on_close(*this);
}

bool DohSession::is_idle() const {
  return expected_ == 0 && !is_blocked() && !in_handshake_ &&
         (http_ == nullptr || !http_->is_busy());
}

DohSession::Wait DohSession::waits_for() const {
  if (in_handshake_) return Wait::Handshake;
  if (is_blocked() || (http_ != nullptr && (http_->is_held_up() || http_->is_over())))
    return Wait::Client;
  if (http_ != nullptr && http_->incomplete() != 0) return Wait::Rest;
  return is_idle() ? Wait::Request : Wait::Reply;
}

/// What goes on as it was has the time that it had.
void DohSession::set_deadline() {
  const Wait now_waiting = waits_for();
  const int32_t incomplete = http_ != nullptr ? http_->incomplete() : 0;
  const bool same = now_waiting == waiting_ &&
                    (now_waiting != Wait::Rest || incomplete == incomplete_) &&
                    (now_waiting != Wait::Request || replies_ == replies_before_) &&
                    (now_waiting != Wait::Client || sent_ - sent_before_ < kProgress);
  if (same) return;
  waiting_ = now_waiting;
  incomplete_ = incomplete;
  replies_before_ = replies_;
  sent_before_ = sent_;
  const auto now = Clock::now();
  switch (waiting_) {
    case Wait::Handshake:
    case Wait::Rest:
      deadline_ = now + settings_.read;
      break;
    case Wait::Request:
      deadline_ = now + (replies_ == 0 ? settings_.first : settings_.idle);
      break;
    case Wait::Client:
      deadline_ = now + settings_.write;
      break;
    case Wait::Reply:
      deadline_ = Clock::time_point::max();
      break;
  }
}

void DohSession::check_deadline(Clock::time_point now) {
  const auto self = shared_from_this();
  if (closed_ || now < deadline_) return;
  const bool idle = waiting_ == Wait::Request;
  (idle ? shared_.counters.idle_closed : shared_.counters.slow_closed).add();
  if (waiting_ == Wait::Rest) {
    http_->give_up(incomplete_);
    return go_on();
  }
  if (idle && http_ != nullptr) {
    http_->finish();
    if (!write()) return;
  }
  close();
}

void DohSession::wait_readable() {
  if (closed_ || reading_) return;
  reading_ = true;
  stream_.wait_readable([self = shared_from_this()](const boost::system::error_code& ec) {
    self->reading_ = false;
    if (!ec) self->on_readable();
  });
}

void DohSession::wait_writable() {
  if (closed_ || writing_) return;
  writing_ = true;
  stream_.wait_writable([self = shared_from_this()](const boost::system::error_code& ec) {
    self->writing_ = false;
    if (!ec) self->go_on();
  });
}

void DohSession::on_readable() {
  if (closed_) return;
  if (may_read()) read_once();
  go_on();
}

/// What the client does not take is back-pressure: nothing is read until it is gone.
bool DohSession::may_read() const {
  return !last_seen_ && !is_blocked() && expected_ < Shared::kMostExpected &&
         (http_ == nullptr || http_->takes_input());
}

/// False when nothing could be read for now.
bool DohSession::read_once() {
  const std::span<uint8_t> input(shared_.input.data(), Shared::kReadSize);
  const ssize_t n = stream_.receive(input);
  const int error = errno;
  if (in_handshake_ && !stream_.in_handshake()) handshake_has_ended();
  if (n < 0) {
    if (error != EAGAIN && error != EWOULDBLOCK && error != EINTR) close();
    return false;
  }
  if (n == 0) {
    last_seen_ = true;
    return false;
  }
  take(input.first(static_cast<size_t>(n)));
  return true;
}

void DohSession::handshake_has_ended() {
  const net::TlsSession& tls = *stream_.tls();
  if (tls.state() == net::TlsSession::State::Failed) return;
  in_handshake_ = false;
  (tls.resumed() ? shared_.counters.handshakes_resumed : shared_.counters.handshakes).add();
}

void DohSession::take(std::span<const uint8_t> octets) {
  running_ = true;
  if (http_ != nullptr) {
    http_->receive(octets);
  } else {
    choose(octets);
  }
  running_ = false;
}

/// No method of HTTP/1.1 begins as the preface of HTTP/2 does (RFC 9113 §3.4).
void DohSession::choose(std::span<const uint8_t> octets) {
  constexpr std::string_view kPreface = "PRI";
  const size_t before = first_size_;
  for (const uint8_t octet : octets.first(std::min(octets.size(), first_.size() - before)))
    first_[first_size_++] = octet;
  const auto first = std::span<const uint8_t>(first_).first(first_size_);
  const bool is_preface = std::ranges::equal(first, octets_of(kPreface.substr(0, first_size_)));
  if (is_preface && first_size_ < kPreface.size()) return;
  if (is_preface) {
    http_ = std::make_unique<Http2>(static_cast<HttpServer&>(*this), settings_.doh->max_streams);
  } else {
    http_ = std::make_unique<Http1>(static_cast<HttpServer&>(*this));
  }
  http_->receive(first.first(before));
  http_->receive(octets);
}

bool DohSession::is_done() const {
  if (http_ == nullptr) return last_seen_ || finishing_;
  if (http_->is_over()) return !is_blocked() && (last_seen_ || finishing_ || !http_->lingers());
  return last_seen_ && expected_ == 0 && !is_blocked();
}

void DohSession::go_on() {
  const auto self = shared_from_this();
  if (closed_ || running_ || !write() || !count_kept()) return;
  if (is_done()) return close();
  set_deadline();
  if (is_blocked()) wait_writable();
  if (may_read()) wait_readable();
}

/// Sends what there is to say, as far as the client takes it. False when the connection is gone.
bool DohSession::write() {
  for (;;) {
    if (!send_unsent()) return false;
    if (is_blocked() || http_ == nullptr) return true;
    http_->take_output(unsent_, Shared::kFlushSize);
    if (unsent_.empty()) return true;
  }
}

bool DohSession::send_unsent() {
  if (stream_.has_unsent() && !stream_.push()) {
    close();
    return false;
  }
  size_t sent = 0;
  while (sent < unsent_.size()) {
    const ssize_t n = stream_.send(std::span(unsent_).subspan(sent));
    if (n >= 0) {
      sent += static_cast<size_t>(n);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    } else if (errno != EINTR) {
      close();
      return false;
    }
  }
  sent_ += sent;
  if (sent == unsent_.size()) {
    std::vector<uint8_t>().swap(unsent_);
  } else {
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<ptrdiff_t>(sent));
  }
  return true;
}

/// False, and the connection closed, when all sessions together keep too much.
bool DohSession::count_kept() {
  const size_t now = unsent_.size() + (http_ != nullptr ? http_->kept() : 0);
  shared_.buffered += now - kept_;
  kept_ = now;
  if (shared_.buffered <= shared_.options.buffered) return true;
  shared_.counters.slow_closed.add();
  close();
  return false;
}

}  // namespace fairlead::listen
