#include "test/scenarios/upstream.h"

#include <stdexcept>
#include <utility>

namespace fairlead::scenarios {

/// A client of the upstream over TCP: messages are answered in their order.
class Upstream::Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Told = std::function<void(std::span<const uint8_t> message, const Send& send)>;
  Connection(asio::ip::tcp::socket socket, Told told)
      : socket_(std::move(socket)), told_(std::move(told)) {}

  void start() {
    socket_.async_read_some(
        asio::buffer(buffer_),
        [self = shared_from_this()](const boost::system::error_code& error, size_t size) {
          if (error) return self->close();
          self->in_.insert(self->in_.end(), self->buffer_.begin(),
                           self->buffer_.begin() + static_cast<long>(size));
          self->take_messages();
          self->start();
        });
  }

  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  void take_messages() {
    for (;;) {
      const size_t size = in_.size() < 2 ? 0 : static_cast<size_t>(in_[0] << 8 | in_[1]) + 2;
      if (size == 0 || in_.size() < size) return;
      const Octets message(in_.begin() + 2, in_.begin() + static_cast<long>(size));
      in_.erase(in_.begin(), in_.begin() + static_cast<long>(size));
      told_(message, [self = shared_from_this()](const Octets& reply) { self->send(reply); });
    }
  }

  void send(Octets reply) {
    const size_t size = reply.size();
    reply.insert(reply.begin(), {static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)});
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(reply), ignored);
  }

  asio::ip::tcp::socket socket_;
  const Told told_;
  std::array<uint8_t, 4096> buffer_{};
  Octets in_;
};

Upstream::Upstream(asio::io_context& context, uint16_t server_port)
    : context_(context), server_port_(server_port) {
  constexpr int kTries = 100;  // a port that is free for UDP may be taken for TCP
  for (int i = 0; i < kTries && !tcp_; ++i) static_cast<void>(open());
  if (!tcp_) throw std::runtime_error("no port is free");
  udp_->start();
  accept();
}

Upstream::~Upstream() {
  close();
}

bool Upstream::open() try {
  udp_ = std::make_shared<UdpPort>(context_, 0, [this](auto query, const auto& from) {
    on_query(query, false, [port = udp_, from](const Octets& reply) { port->send(reply, from); });
  });
  const asio::ip::tcp::endpoint same(asio::ip::address_v4::loopback(), udp_->port());
  tcp_ = std::make_unique<asio::ip::tcp::acceptor>(context_, same);
  return true;
} catch (const boost::system::system_error&) {
  return false;
}

void Upstream::close() {
  boost::system::error_code ignored;
  udp_->close();
  tcp_->close(ignored);
  for (const auto& relay : relays_) relay->close();
  for (const auto& weak : connections_)
    if (const auto connection = weak.lock()) connection->close();
}

void Upstream::accept() {
  tcp_->async_accept([this](const boost::system::error_code& error, asio::ip::tcp::socket socket) {
    if (error) return;
    const auto connection = std::make_shared<Connection>(
        std::move(socket), [this](auto query, const Send& send) { on_query(query, true, send); });
    connections_.push_back(connection);
    connection->start();
    accept();
  });
}

void Upstream::on_query(std::span<const uint8_t> query, bool tcp, const Send& send) {
  asked_.push_back(query_text(query, tcp));
  const Saying saying = script_.answer(query, tcp);
  if (saying.to_server) return relay(Octets(query.begin(), query.end()), send);
  const auto say = [messages = saying.messages, send] {
    for (const Octets& message : messages) send(message);
  };
  if (saying.delay.count() == 0) return say();
  const auto timer = std::make_shared<net::Timer>(context_, saying.delay);
  timer->async_wait([timer, say](const boost::system::error_code& error) {
    if (!error) say();
  });
}

// Each query leaves from a port of its own: whatever comes there is its reply.
void Upstream::relay(const Octets& query, const Send& send) {
  const auto port = std::make_shared<UdpPort>(
      context_, uint16_t{0},
      [send](auto reply, const auto&) { send(Octets(reply.begin(), reply.end())); });
  relays_.push_back(port);
  port->start();
  port->send(query, {asio::ip::address_v4::loopback(), server_port_});
}

std::vector<std::string> Upstream::take_asked() {
  return std::exchange(asked_, {});
}

}  // namespace fairlead::scenarios
