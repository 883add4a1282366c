#include "listen/tcp_session.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "dns/render.h"
#include "net/current_tls.h"

namespace fairlead::listen {
namespace {

constexpr size_t kLengthSize = 2;
constexpr size_t kHeaderSize = 12;

}  // namespace

bool TcpSession::start(net::FileDescriptor socket) {
  const auto tls = settings_.tls != nullptr ? settings_.tls->get() : nullptr;
  if (!stream_.start(std::move(socket), tls.get(), peers().client.address)) return false;
  in_handshake_ = stream_.in_handshake();
  deadline_ = Clock::now() + (in_handshake_ ? settings_.read : settings_.first);
  wait_readable();
  return true;
}

void TcpSession::finish() {
  finishing_ = true;
  on_readable();
}

void TcpSession::close() {
  if (closed_) return;
  closed_ = true;
  if (in_handshake_) shared_.counters.handshakes_failed.add();
  stream_.close();
  keep(pending_, {});
  keep(unsent_, {});
  const auto gone = std::exchange(many_, {});
  shared_.on_close(*this);
}

void TcpSession::check_deadline(Clock::time_point now) {
  if (closed_ || now < deadline_ || waits_for_replies()) return;
  (is_idle() ? shared_.counters.idle_closed : shared_.counters.slow_closed).add();
  close();
}

/// Nothing is the client's to do.
bool TcpSession::waits_for_replies() const {
  if (is_blocked()) return false;
  return !many_.empty() || expected_ >= Shared::kMostExpected ||
         (expected_ != 0 && pending_.empty());
}

void TcpSession::wait_readable() {
  if (closed_ || reading_) return;
  reading_ = true;
  stream_.wait_readable([self = shared_from_this()](const boost::system::error_code& ec) {
    self->reading_ = false;
    if (!ec) self->on_readable();
  });
}

void TcpSession::wait_writable() {
  if (closed_ || writing_) return;
  writing_ = true;
  stream_.wait_writable([self = shared_from_this()](const boost::system::error_code& ec) {
    self->writing_ = false;
    if (!ec) self->on_writable();
  });
}

void TcpSession::on_readable() {
  const auto self = shared_from_this();
  // Untaken replies are back-pressure: nothing is read until they are gone.
  if (closed_ || is_blocked() || !many_.empty() || expected_ >= Shared::kMostExpected) return;
  while (read_once() && finishing_ && !closed_ && !is_blocked()) {
  }
}

void TcpSession::on_writable() {
  const auto self = shared_from_this();
  if (closed_) return;
  if (!send_unsent()) return;
  if (!many_.empty()) return go_on_sending();
  resume();
}

/// Goes on with what was left when replies held the session up.
void TcpSession::resume() {
  // The time it was blocked does not count; a handshake has one time for all of it.
  if (!in_handshake_) deadline_ = Clock::now() + settings_.read;
  const size_t size = pending_.size();
  std::copy(pending_.begin(), pending_.end(), shared_.input.begin());
  consume(size);
  if (finishing_) on_readable();
}

bool TcpSession::is_done() const {
  return (last_seen_ || (finishing_ && pending_.empty())) && expected_ == 0 && !is_blocked();
}

std::shared_ptr<net::LateReplies> TcpSession::expect_reply() {
  ++expected_;
  return shared_from_this();
}

void TcpSession::send_late(const net::Peers& /*peers*/, std::span<const uint8_t> reply) {
  const auto self = shared_from_this();
  if (!reply.empty() && !closed_) {
    std::copy(reply.begin(), reply.end(), shared_.output.data() + output_size_ + kLengthSize);
    add_reply(reply.size());
    const bool blocked = is_blocked();
    if (flush() && is_blocked() && !blocked) wait_writable();
  }
  reply_has_left();
}

void TcpSession::send_many(const net::Peers& /*peers*/,
                           const std::shared_ptr<net::MessageSource>& messages) {
  if (closed_) return;
  many_.push_back(messages);
  if (many_.size() == 1) go_on_later();
}

void TcpSession::go_on_later() {
  asio::post(shared_.context, [self = shared_from_this()] {
    if (!self->is_blocked()) self->go_on_sending();
  });
}

/// Some messages in each turn of the event loop, as far as the client takes them. Nothing is read
/// before the last has left.
void TcpSession::go_on_sending() {
  const auto self = shared_from_this();
  if (closed_ || many_.empty()) return;
  if (!make_some()) return close();
  if (!flush()) return;
  if (is_blocked()) return wait_writable();
  if (!many_.empty()) return go_on_later();
  if (is_done()) return close();
  resume();
}

/// False when the rest of a reply cannot be had.
bool TcpSession::make_some() {
  while (!many_.empty() && output_size_ < Shared::kFlushSize) {
    uint8_t* const frame = shared_.output.data() + output_size_;
    const auto size = many_.front()->next_message({frame + kLengthSize, dns::kMaxTcpReply});
    if (!size) return false;
    if (*size != 0) {
      add_reply(*size);
      continue;
    }
    many_.erase(many_.begin());
    --expected_;
  }
  return true;
}

/// One of those that were to follow; the session goes on with what it had to wait for.
void TcpSession::reply_has_left() {
  const bool was_full = expected_-- == Shared::kMostExpected;
  if (closed_) return;
  if (is_done()) {
    close();
  } else if (was_full && !is_blocked()) {
    resume();
  } else if (is_idle()) {
    expect_query();
  }
}

void TcpSession::expect_query() {
  if (!in_handshake_) deadline_ = Clock::now() + settings_.idle;
}

void TcpSession::handshake_has_ended() {
  if (stream_.tls()->state() == net::TlsSession::State::Failed) return;
  in_handshake_ = false;
  deadline_ = Clock::now() + settings_.first;
  (stream_.tls()->resumed() ? shared_.counters.handshakes_resumed : shared_.counters.handshakes)
      .add();
}

/// False when nothing could be read for now.
bool TcpSession::read_once() {
  const size_t kept = pending_.size();
  std::copy(pending_.begin(), pending_.end(), shared_.input.begin());
  const size_t room = std::min(Shared::kReadSize, shared_.input.size() - kept);
  const ssize_t n = stream_.receive({shared_.input.data() + kept, room});
  const int error = errno;
  if (in_handshake_ && !stream_.in_handshake()) handshake_has_ended();
  if (n < 0) {
    const bool nothing_yet = error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
    if (!nothing_yet || is_done()) {
      close();
    } else if (is_blocked()) {
      wait_writable();
    } else {
      wait_readable();
    }
    return false;
  }
  if (n == 0) last_seen_ = true;
  consume(kept + static_cast<size_t>(n));
  return n > 0;
}

/// Answers the whole messages in the first `size` octets of the input, keeps the rest, and waits
/// for what comes next.
void TcpSession::consume(size_t size) {
  const size_t kept_before = pending_.size();
  const size_t used = answer_messages(size);
  if (closed_) return;
  const std::span<const uint8_t> rest(shared_.input.data() + used, size - used);
  if (!keep(pending_, rest) || !flush()) return;
  if (is_blocked()) {
    wait_writable();
    return;
  }
  if (is_done()) {
    close();
    return;
  }
  if (last_seen_ || !many_.empty() || expected_ >= Shared::kMostExpected) return;
  if (pending_.empty()) {
    expect_query();
  } else if (kept_before == 0 || used > 0) {
    deadline_ = Clock::now() + settings_.read;
  }
  wait_readable();
}

/// Returns how many octets were used up. Stops early when the client takes no more replies.
size_t TcpSession::answer_messages(size_t size) {
  const std::span<const uint8_t> input(shared_.input.data(), size);
  size_t used = 0;
  while (many_.empty() && size - used >= kLengthSize) {
    const size_t length = static_cast<size_t>(input[used] << 8 | input[used + 1]);
    if (length < kHeaderSize) {
      shared_.counters.malformed.add();
      last_seen_ = true;
      return size;
    }
    if (size - used - kLengthSize < length) break;
    answer(input.subspan(used + kLengthSize, length));
    used += kLengthSize + length;
    if (settings_.queries_per_connection != 0 && queries_ >= settings_.queries_per_connection) {
      last_seen_ = true;
      return size;
    }
    if (output_size_ >= Shared::kFlushSize && (!flush() || is_blocked())) break;
    if (expected_ >= Shared::kMostExpected) break;
  }
  return used;
}

void TcpSession::answer(std::span<const uint8_t> packet) {
  ++queries_;
  shared_.counters.received.add();
  net::Request request;
  static_cast<net::Peers&>(request) = peers();
  request.packet = packet;
  request.transport = dns::Transport::Tcp;
  request.idle_limit = settings_.idle_limit();
  request.late = this;
  uint8_t* frame = shared_.output.data() + output_size_;
  const size_t size = shared_.responder->respond(request, {frame + kLengthSize, dns::kMaxTcpReply});
  if (size != 0 && size != net::kReplyFollows) add_reply(size);
}

/// Puts the length in front of a reply that stands behind the collected ones.
void TcpSession::add_reply(size_t size) {
  uint8_t* frame = shared_.output.data() + output_size_;
  frame[0] = static_cast<uint8_t>(size >> 8);
  frame[1] = static_cast<uint8_t>(size);
  output_size_ += kLengthSize + size;
  shared_.counters.answered.add();
}

/// Sends the collected replies; what the client does not take now becomes unsent_. False when the
/// connection is gone.
bool TcpSession::flush() {
  const std::span<const uint8_t> octets(shared_.output.data(), output_size_);
  output_size_ = 0;
  if (is_blocked()) return append_unsent(octets);
  size_t sent = 0;
  while (sent < octets.size()) {
    const ssize_t n = stream_.send(octets.subspan(sent));
    if (n >= 0) {
      sent += static_cast<size_t>(n);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      deadline_ = Clock::now() + settings_.write;
      return keep(unsent_, octets.subspan(sent));
    } else if (errno != EINTR) {
      close();
      return false;
    }
  }
  if (stream_.has_unsent()) deadline_ = Clock::now() + settings_.write;
  return true;
}

/// Replies that come while the client does not take the earlier ones queue up behind them.
bool TcpSession::append_unsent(std::span<const uint8_t> octets) {
  unsent_.insert(unsent_.end(), octets.begin(), octets.end());
  shared_.buffered += octets.size();
  if (shared_.buffered <= shared_.options.buffered) return true;
  shared_.counters.slow_closed.add();
  close();
  return false;
}

/// True when every kept reply has gone out.
bool TcpSession::send_unsent() {
  const ssize_t n = unsent_.empty() ? (stream_.push() ? 0 : -1) : stream_.send(unsent_);
  if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
    close();
    return false;
  }
  const size_t sent = n < 0 ? 0 : static_cast<size_t>(n);
  if (sent == unsent_.size() && !stream_.has_unsent()) return keep(unsent_, {});
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<ptrdiff_t>(sent));
  shared_.buffered -= sent;
  wait_writable();
  return false;
}

/// Makes `octets` the content of `buffer` and counts them. False, and the connection closed, when
/// all sessions together keep too much.
bool TcpSession::keep(std::vector<uint8_t>& buffer, std::span<const uint8_t> octets) {
  shared_.buffered -= buffer.size();
  if (octets.empty()) {
    std::vector<uint8_t>().swap(buffer);
    return true;
  }
  buffer.assign(octets.begin(), octets.end());
  shared_.buffered += buffer.size();
  if (shared_.buffered <= shared_.options.buffered) return true;
  shared_.counters.slow_closed.add();
  close();
  return false;
}

}  // namespace fairlead::listen
