#include "plugins/secondary/conversation.h"

#include <algorithm>
#include <array>
#include <exception>
#include <tuple>
#include <utility>

#include "net/socket_address.h"
#include "net/tcp_endpoint.h"

namespace fairlead::plugins::secondary {
namespace {

constexpr size_t kLargest = 2 + 65535;  // a message with its length in front
constexpr const char* kTimeout = "i/o timeout";

asio::ip::tcp::endpoint endpoint_of(const net::Endpoint& to) {
  net::SocketAddress address{};
  const socklen_t size = net::to_socket_address(to, 0, address);
  return net::tcp_endpoint(address, size);
}

std::string text_of(const boost::system::error_code& error) {
  if (error == asio::error::eof) return "EOF";
  return net::error_text(error.value());
}

}  // namespace

Conversation::Conversation(asio::io_context& context, const net::Endpoint& to)
    : socket_(context), timer_(context), to_(to) {}

void Conversation::start(std::span<const uint8_t> query, Take take, End end) {
  take_ = std::move(take);
  end_ = std::move(end);
  out_ = {static_cast<uint8_t>(query.size() >> 8), static_cast<uint8_t>(query.size())};
  out_.insert(out_.end(), query.begin(), query.end());
  last_ = net::Clock::now() + kLongest;
  wait(kPatience);
  socket_.async_connect(endpoint_of(to_), [weak = weak_from_this()](const auto& error) {
    if (const auto self = weak.lock()) self->connected(error);
  });
}

void Conversation::wait(std::chrono::nanoseconds patience) {
  timer_.expires_at(std::min(last_, net::Clock::now() + patience));
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self || error || self->timer_.expiry() > net::Clock::now()) return;
    self->end(self->is_connected_ ? kTimeout
                                  : "dial tcp " + net::to_text(self->to_) + ": " + kTimeout);
  });
}

void Conversation::connected(const boost::system::error_code& error) {
  if (!end_) return;
  if (error) return end("dial tcp " + net::to_text(to_) + ": connect: " + text_of(error));
  is_connected_ = true;
  wait(kPatience);
  asio::async_write(
      socket_, asio::buffer(out_),
      [weak = weak_from_this()](const boost::system::error_code& failed, size_t /*size*/) {
        const auto self = weak.lock();
        if (!self || !self->end_) return;
        if (failed) return self->end(text_of(failed));
        self->in_.resize(kLargest);
        self->wait(kPatience);
        self->read();
      });
}

void Conversation::read() {
  socket_.async_read_some(
      asio::buffer(in_.data() + filled_, in_.size() - filled_),
      [weak = weak_from_this()](const boost::system::error_code& error, size_t size) {
        if (const auto self = weak.lock()) self->received(error, size);
      });
}

// Memory may run out for one large zone: that costs this transfer.
void Conversation::received(const boost::system::error_code& error, size_t size) try {
  if (!end_) return;
  if (error) return end(text_of(error));
  filled_ += size;
  if (take_messages()) return read();
  end({});
} catch (const std::exception& failure) {
  end(failure.what());
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
    any = true;
  }
  std::copy(in_.begin() + static_cast<ptrdiff_t>(at), in_.begin() + static_cast<ptrdiff_t>(filled_),
            in_.begin());
  filled_ -= at;
  if (any) wait(kPatience);
  return true;
}

void Conversation::end(const std::string& error) {
  if (!end_) return;
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  take_ = nullptr;
  const End told = std::exchange(end_, nullptr);
  told(error, is_connected_);
}

}  // namespace fairlead::plugins::secondary
