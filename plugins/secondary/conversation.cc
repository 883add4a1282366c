#include "plugins/secondary/conversation.h"

#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "net/socket_address.h"
#include "net/tcp_endpoint.h"

namespace fairlead::plugins::secondary {
namespace {

constexpr size_t kLargest = 2 + 65535;                // a message with its length in front
constexpr size_t kLargestRecord = size_t{17} * 1024;  // of TLS
constexpr const char* kTimeout = "i/o timeout";

asio::ip::tcp::endpoint endpoint_of(const net::ServerEndpoint& to) {
  net::SocketAddress address{};
  const socklen_t size = net::to_socket_address(to, net::scope_id_of(to.scope), address);
  return net::tcp_endpoint(address, size);
}

std::string text_of(const boost::system::error_code& error) {
  if (error == asio::error::eof) return "EOF";
  return net::error_text(error.value());
}

}  // namespace

Conversation::Conversation(asio::io_context& context, const net::ServerEndpoint& to,
                           std::unique_ptr<net::TlsSession> tls)
    : socket_(context), timer_(context), to_(to), tls_(std::move(tls)) {}

void Conversation::start(std::span<const uint8_t> query, Take take, End end) {
  take_ = std::move(take);
  end_ = std::move(end);
  query_ = {static_cast<uint8_t>(query.size() >> 8), static_cast<uint8_t>(query.size())};
  query_.insert(query_.end(), query.begin(), query.end());
  last_ = net::Clock::now() + kLongest;
  wait();
  socket_.async_connect(endpoint_of(to_), [weak = weak_from_this()](const auto& error) {
    if (const auto self = weak.lock()) self->connected(error);
  });
}

void Conversation::wait() {
  const auto patience = has_begun_ ? kPatienceWithin : kPatience;
  timer_.expires_at(std::min(last_, net::Clock::now() + patience));
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self || error || self->timer_.expiry() > net::Clock::now()) return;
    self->end(self->where() + kTimeout);
  });
}

// What stands in front of an error.
std::string Conversation::where() const {
  if (is_open_) return {};
  return is_connected_ ? "tls: handshake: " : "dial tcp " + net::to_text(to_) + ": ";
}

void Conversation::connected(const boost::system::error_code& error) {
  if (!end_) return;
  if (error) return end(where() + "connect: " + text_of(error));
  is_connected_ = true;
  if (!tls_) return opened();
  wait();
  encrypted_.resize(kLargestRecord);
  tls_->advance();
  flush();
  if (tls_->has_ended()) return end_tls();
  read();
}

void Conversation::opened() {
  is_open_ = true;
  in_.resize(kLargest);
  wait();
  if (tls_) {
    tls_->write(query_);  // a failure shows when reading
  } else {
    out_ = query_;
  }
  flush();
}

void Conversation::flush() {
  if (is_writing_) return;
  if (tls_) {
    out_.clear();
    tls_->take_output(out_);
  }
  if (out_.empty()) return;
  is_writing_ = true;
  asio::async_write(
      socket_, asio::buffer(out_),
      [weak = weak_from_this()](const boost::system::error_code& error, size_t /*size*/) {
        if (const auto self = weak.lock()) self->written(error);
      });
}

// With TLS reading goes on already, and tells why nothing can be written.
void Conversation::written(const boost::system::error_code& error) {
  is_writing_ = false;
  if (!end_) return;
  if (tls_) return error ? void() : flush();
  if (error) return end(text_of(error));
  wait();
  read();
}

void Conversation::read() {
  const std::span<uint8_t> room = tls_ ? std::span(encrypted_) : std::span(in_).subspan(filled_);
  socket_.async_read_some(
      asio::buffer(room.data(), room.size()),
      [weak = weak_from_this()](const boost::system::error_code& error, size_t size) {
        if (const auto self = weak.lock()) self->received(error, size);
      });
}

// Memory may run out for one large zone: that costs this transfer.
void Conversation::received(const boost::system::error_code& error, size_t size) try {
  if (!end_) return;
  if (error) return end(where() + text_of(error));
  if (!(tls_ ? decrypt(size) : take(size))) return end({});
  if (tls_ && tls_->has_ended()) return end_tls();
  read();
} catch (const std::exception& failure) {
  end(failure.what());
}

// False when that was all.
bool Conversation::decrypt(size_t size) {
  using State = net::TlsSession::State;
  tls_->receive(std::span(encrypted_).first(size));
  if (!is_open_ && tls_->advance() == State::Open) opened();
  while (is_open_) {
    const size_t plain = tls_->read(std::span(in_).subspan(filled_));
    if (plain == 0) break;
    if (!take(plain)) return false;
  }
  flush();
  return true;
}

// A server that refuses our certificate says so when its handshake is over for us (RFC 8446
// §4.4.2).
void Conversation::end_tls() {
  const bool failed = tls_->state() == net::TlsSession::State::Failed;
  if (failed && !has_heard_) is_open_ = false;
  end(failed ? tls_->error() : where() + "EOF");
}

bool Conversation::take(size_t size) {
  filled_ += size;
  if (!std::exchange(has_begun_, true)) wait();
  return take_messages();
}

// False when that was all.
bool Conversation::take_messages() {
  size_t at = 0;
  bool any = false;
  while (filled_ - at >= 2) {
    const size_t size = static_cast<size_t>(in_[at]) << 8 | in_[at + 1];
    if (filled_ - at < 2 + size) break;
    if (!take_(std::span(in_).subspan(at + 2, size))) return false;
    at += 2 + size;
    any = has_heard_ = true;
  }
  std::copy(in_.begin() + static_cast<ptrdiff_t>(at), in_.begin() + static_cast<ptrdiff_t>(filled_),
            in_.begin());
  filled_ -= at;
  if (any) wait();
  return true;
}

void Conversation::end(const std::string& error) {
  if (!end_) return;
  say_goodbye();
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  take_ = nullptr;
  const End told = std::exchange(end_, nullptr);
  told(error, is_open_);
}

// As much of it as the kernel takes at once.
void Conversation::say_goodbye() {
  if (!tls_ || is_writing_ || tls_->state() != net::TlsSession::State::Open) return;
  out_.clear();
  tls_->end();
  tls_->take_output(out_);
  ::send(socket_.native_handle(), out_.data(), out_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace fairlead::plugins::secondary
