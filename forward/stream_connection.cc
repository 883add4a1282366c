#include "forward/stream_connection.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <utility>

#include "dns/reader.h"
#include "forward/frames.h"
#include "net/tcp_endpoint.h"

namespace fairlead::forward {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::seconds;

constexpr size_t kMaxUnsent = size_t{256} * 1024;
constexpr size_t kCipherSize = size_t{17} * 1024;  // a whole TLS record
constexpr seconds kStallTimeout{5};                // unanswered queries and not an octet
constexpr std::chrono::milliseconds kSuspectAfter{200};

// The kernel's words as Go has them.
std::string text_of(const error_code& error) {
  std::string text = error.message();
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

void set_option(tcp::socket& socket, int level, int name) {
  const int on = 1;
  ::setsockopt(socket.native_handle(), level, name, &on, sizeof on);
}

}  // namespace

StreamConnection::StreamConnection(const StreamPeer& peer, StreamOwner& owner)
    : owner_(&owner),
      settings_(peer.settings),
      random_(peer.random),
      doh_(peer.doh),
      source_(peer.settings.source_address),
      socket_(peer.context),
      timer_(peer.context) {
  const UpstreamSettings& upstream = peer.upstream;
  const socklen_t size = net::to_socket_address({upstream.address, upstream.port},
                                                net::scope_id_of(upstream.scope), remote_);
  endpoint_ = net::tcp_endpoint(remote_, size);
  if (source_ && source_->is_v6() != upstream.address.is_v6()) source_.reset();
  if (peer.tls != nullptr) tls_ = peer.tls->connect();
  if (doh_ == nullptr) conversation_ = std::make_unique<Frames>(*this);
}

void StreamConnection::start(std::chrono::nanoseconds timeout) {
  started_at_ = Clock::now();
  setup_deadline_ = started_at_ + timeout;
  schedule();
  error_code error;
  if (open_socket(error)) {
    socket_.async_connect(endpoint_, [self = shared_from_this()](const error_code& result) {
      self->on_connected(result);
    });
    return;
  }
  asio::post(socket_.get_executor(), [self = shared_from_this(), error] {
    self->close(self->dial_error(text_of(error)), false);
  });
}

bool StreamConnection::open_socket(error_code& error) {
  socket_.open(endpoint_.protocol(), error);
  if (error) return false;
  set_option(socket_, IPPROTO_TCP, TCP_NODELAY);
  if (!source_) return true;
  set_option(socket_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
  net::SocketAddress local;
  const socklen_t size = net::to_socket_address({*source_, 0}, 0, local);
  socket_.bind(net::tcp_endpoint(local, size), error);
  return !error;
}

void StreamConnection::on_connected(error_code error) {
  if (state_ == State::Closed) return;
  if (error) return close(dial_error("connect: " + text_of(error)), false);
  if (tls_ == nullptr) {
    set_open();
  } else {
    cipher_.resize(kCipherSize);
    tls_->advance();
    flush();
    if (tls_->state() == net::TlsSession::State::Failed) close(tls_->error(), false);
  }
  if (state_ != State::Closed) read_some();
}

/// The handshake has told which HTTP the upstream speaks.
void StreamConnection::begin() {
  conversation_ = DohConversation::make(tls_->protocol(), *doh_, *this);
  pipeline_.set_width(conversation_->width());
  for (const Early& early : early_) conversation_->ask(early.id, early.message);
  std::vector<Early>().swap(early_);
  early_size_ = 0;
}

void StreamConnection::set_open() {
  if (conversation_ == nullptr) begin();
  state_ = State::Open;
  opened_at_ = idle_since_ = Clock::now();
  pipeline_.restart(opened_at_);
  owner_->on_open(*this, opened_at_ - started_at_);
  if (state_ == State::Closed) return;
  flush();
  schedule();
}

bool StreamConnection::has_room(size_t size) const {
  const size_t asked = conversation_ != nullptr ? conversation_->unsent() : early_size_;
  const size_t unsent = asked + sending_.size() - sent_;
  return state_ != State::Closed && takes_more() && !pipeline_.full() &&
         unsent + size <= kMaxUnsent;
}

void StreamConnection::send(uint32_t query, std::span<const uint8_t> message) {
  const uint16_t id = pipeline_.add(query, random_, Clock::now());
  if (conversation_ == nullptr) {
    early_.push_back({id, {message.begin(), message.end()}});
    early_size_ += message.size();
    return;
  }
  conversation_->ask(id, message);
  if (state_ != State::Open) return;
  if (pipeline_.waiting() == 1) schedule();
  flush();
}

// What is queued goes out as one write, when the one before is done.
void StreamConnection::flush() {
  if (writing_ || state_ == State::Closed) return;
  sending_.clear();
  sent_ = 0;
  if (tls_ == nullptr) {
    if (state_ == State::Open) conversation_->take_output(sending_);
  } else {
    if (state_ == State::Open) {
      plain_.clear();
      conversation_->take_output(plain_);
      tls_->write(plain_);  // a failure shows when reading
    }
    tls_->take_output(sending_);
  }
  if (!sending_.empty()) write_some();
}

void StreamConnection::write_some() {
  writing_ = true;
  socket_.async_write_some(asio::buffer(sending_.data() + sent_, sending_.size() - sent_),
                           [self = shared_from_this()](const error_code& error, size_t size) {
                             if (self->state_ == State::Closed) return;
                             if (error)
                               return self->close(
                                   self->io_error("write", "write: " + text_of(error)), true);
                             self->sent_ += size;
                             if (self->sent_ < self->sending_.size()) return self->write_some();
                             self->writing_ = false;
                             self->flush();
                           });
}

void StreamConnection::read_some() {
  std::span<uint8_t> room(cipher_);
  if (tls_ == nullptr) room = conversation_->room();
  socket_.async_read_some(asio::buffer(room.data(), room.size()),
                          [self = shared_from_this()](const error_code& error, size_t size) {
                            self->on_read(error, size);
                          });
}

void StreamConnection::on_read(const error_code& error, size_t size) {
  if (state_ == State::Closed) return;
  if (error == asio::error::eof) return on_eof();
  if (error) return close(io_error("read", "read: " + text_of(error)), state_ == State::Open);
  last_octet_ = Clock::now();
  suspect_ = false;
  if (tls_ != nullptr) {
    decrypt(size);
  } else {
    hear(size);
  }
  if (state_ != State::Closed) read_some();
}

void StreamConnection::on_eof() {
  const bool was_open = state_ == State::Open;
  const bool has_begun = was_open && conversation_->has_begun();
  // Where TLS has not said so, somebody else may have cut the connection.
  const bool is_told = tls_ == nullptr || tls_->state() == net::TlsSession::State::Closed;
  if (was_open && is_told) conversation_->ended();
  close(has_begun ? "unexpected EOF" : "EOF", was_open);
}

void StreamConnection::decrypt(size_t size) {
  tls_->receive({cipher_.data(), size});
  if (state_ == State::Connecting && tls_->advance() == net::TlsSession::State::Open) set_open();
  while (state_ == State::Open) {
    const size_t plain = tls_->read(conversation_->room());
    if (plain == 0) break;
    hear(plain);
  }
  flush();
  if (tls_->state() == net::TlsSession::State::Failed) close(tls_->error(), false);
  if (tls_->state() == net::TlsSession::State::Closed) on_eof();
}

void StreamConnection::hear(size_t size) {
  const bool was_idle = pipeline_.waiting() == 0;
  conversation_->received(size);
  if (state_ != State::Closed) look_around(was_idle);
}

/// What has been heard may be the end, or leave nothing to wait for.
void StreamConnection::look_around(bool was_idle) {
  pipeline_.set_width(conversation_->width());
  const bool waits = pipeline_.waiting() != 0;
  if (!waits && !conversation_->takes_more()) return close("EOF", true);
  if (!conversation_->error().empty()) return close(conversation_->error(), false);
  if (!was_idle && !waits) become_idle();
  if (state_ == State::Open) flush();
}

void StreamConnection::on_reply(uint16_t id, std::span<uint8_t> message) {
  if (state_ == State::Closed || message.size() < dns::kHeaderSize) return;
  const auto query = pipeline_.answer(id, last_octet_);
  if (!query) return;
  ++replies_;
  owner_->on_reply(*this, *query, message);
}

void StreamConnection::on_failure(uint16_t id, std::string_view text, bool untouched) {
  if (state_ == State::Closed) return;
  const auto query = pipeline_.answer(id, last_octet_);
  if (query) owner_->on_failed(*this, *query, text, untouched);
}

void StreamConnection::become_idle() {
  idle_since_ = Clock::now();
  schedule();
  owner_->on_idle(*this);
}

void StreamConnection::cancel(uint32_t query) {
  const auto given_up = pipeline_.give_up(query);
  if (!given_up) return;
  if (has_not_said(given_up->id)) pipeline_.forget(given_up->id);
  if (state_ != State::Open) return;
  const Clock::time_point since = given_up->since;
  if (last_octet_ <= since && Clock::now() - since >= kSuspectAfter) suspect_ = true;
  if (pipeline_.waiting() == 0) return become_idle();
  if (pipeline_.blocked_since()) schedule();
}

/// A query that was given up before the upstream could hear of it.
bool StreamConnection::has_not_said(uint16_t id) {
  if (conversation_ != nullptr) return conversation_->give_up(id);
  const auto found = std::ranges::find(early_, id, &Early::id);
  if (found == early_.end()) return false;
  early_size_ -= found->message.size();
  early_.erase(found);
  return true;
}

void StreamConnection::close(std::string_view text, bool peer_ended) {
  if (state_ == State::Closed) return;
  const std::vector<uint32_t> queries = pipeline_.queries();
  StreamOwner* owner = owner_;
  release();
  if (owner != nullptr) owner->on_closed(*this, queries, text, peer_ended);
}

void StreamConnection::release() {
  if (tls_ != nullptr && state_ == State::Open && !writing_) say_goodbye();
  state_ = State::Closed;
  owner_ = nullptr;
  error_code ignored;
  timer_.cancel(ignored);
  socket_.close(ignored);
}

// As much of it as the kernel takes at once.
void StreamConnection::say_goodbye() {
  if (tls_->state() != net::TlsSession::State::Open) return;
  sending_.clear();
  plain_.clear();
  conversation_->take_output(plain_);
  tls_->write(plain_);
  tls_->end();
  tls_->take_output(sending_);
  ::send(socket_.native_handle(), sending_.data(), sending_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

StreamConnection::Clock::time_point StreamConnection::deadline() const {
  if (state_ == State::Connecting) return setup_deadline_;
  if (pipeline_.waiting() != 0) {
    const Clock::time_point heard =
        std::max({last_octet_, opened_at_, pipeline_.waiting_since()}) + kStallTimeout;
    const auto blocked = pipeline_.blocked_since();
    return blocked ? std::min(heard, *blocked + kStallTimeout) : heard;
  }
  Clock::time_point end = idle_since_ + settings_.expire;
  if (suspect_) end = std::min(end, idle_since_ + kStallTimeout);
  if (settings_.max_age.count() > 0) end = std::min(end, opened_at_ + settings_.max_age);
  return end;
}

// A later deadline leaves the timer alone: it goes off too early and is set again. So most queries
// cost no work of the timer's.
void StreamConnection::schedule() {
  const Clock::time_point due = deadline();
  if (due >= timer_at_ || state_ == State::Closed) return;
  timer_at_ = due;
  timer_.expires_at(due);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->on_timer();
  });
}

void StreamConnection::on_timer() {
  if (state_ == State::Closed) return;
  timer_at_ = Clock::time_point::max();
  if (Clock::now() < deadline()) return schedule();
  if (state_ == State::Connecting) return close(dial_error("i/o timeout"), false);
  // Those behind a question that blocks the way have not been asked.
  close(io_error("read", "i/o timeout"), pipeline_.blocked_since().has_value());
}

std::string StreamConnection::dial_error(std::string_view what) const {
  return std::string("dial tcp ").append(to_text(remote_)).append(": ").append(what);
}

std::string StreamConnection::io_error(const char* verb, std::string_view what) {
  const std::string local = net::local_text(socket_.native_handle());
  return std::string(verb) + " tcp " + local + "->" + to_text(remote_) + ": " + std::string(what);
}

}  // namespace fairlead::forward
