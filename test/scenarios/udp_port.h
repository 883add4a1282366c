// A UDP socket on 127.0.0.1 that tells of every datagram.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "net/asio.h"

// clang-format off
#include <boost/asio/ip/udp.hpp>
// clang-format on

namespace fairlead::scenarios {

/// Made by make_shared, for start().
class UdpPort : public std::enable_shared_from_this<UdpPort> {
 public:
  using From = asio::ip::udp::endpoint;
  using Told = std::function<void(std::span<const uint8_t> datagram, const From& from)>;

  /// Port 0: a free one. Throws boost::system::system_error.
  UdpPort(asio::io_context& context, uint16_t port, Told told)
      : socket_(context, From(asio::ip::address_v4::loopback(), port)),
        port_(socket_.local_endpoint().port()),
        told_(std::move(told)) {}

  [[nodiscard]] uint16_t port() const { return port_; }

  void start() {
    socket_.async_receive_from(
        asio::buffer(buffer_), from_,
        [self = shared_from_this()](const boost::system::error_code& error, size_t size) {
          if (!self->socket_.is_open()) return;
          if (!error) self->told_(std::span(self->buffer_).first(size), self->from_);
          self->start();
        });
  }

  void send(std::span<const uint8_t> datagram, const From& to) {
    boost::system::error_code ignored;
    socket_.send_to(asio::buffer(datagram.data(), datagram.size()), to, 0, ignored);
  }

  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  asio::ip::udp::socket socket_;
  const uint16_t port_;
  const Told told_;
  std::array<uint8_t, 4096> buffer_{};
  From from_;
};

}  // namespace fairlead::scenarios
