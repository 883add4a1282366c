// A worker on loopback sockets, with a responder that says what it was asked.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "listen/listener.h"
#include "listen/worker.h"
#include "test/unit/support/client.h"

namespace fairlead::test {

/// Replies with the packet itself, or, to a packet that begins with "who", with the ends and number
/// of the conversation.
class EchoResponder : public net::Responder {
 public:
  size_t respond(const net::Request& request, std::span<uint8_t> out) override {
    std::string reply(request.packet.begin(), request.packet.end());
    if (reply.starts_with("who")) {
      reply = (request.transport == dns::Transport::Udp ? "udp " : "tcp ") +
              request.client.address.to_text() + " " + to_text(request.local) + " " +
              std::to_string(request.listener);
    } else if (reply.starts_with("big")) {
      reply.resize(60'000, 'b');
    } else if (reply.starts_with("silence")) {
      return 0;
    }
    const size_t size = std::min(reply.size(), out.size());
    std::copy_n(reply.begin(), size, out.begin());
    return size;
  }
};

inline net::ListenAddress loopback(uint16_t port = 0, const std::string& address = "127.0.0.1") {
  net::ListenAddress out;
  out.address = *dns::IpAddress::from_text(address);
  out.port = port;
  return out;
}

/// Keeps the thread of a worker busy until told otherwise, so that a test decides what happens
/// first.
class Blocked {
 public:
  explicit Blocked(listen::Worker& worker) {
    auto entered = std::make_shared<std::promise<void>>();
    worker.post([entered, released = released_.get_future().share()] {
      entered->set_value();
      released.wait();
    });
    entered->get_future().wait();
  }
  ~Blocked() { release(); }
  void release() {
    if (!std::exchange(done_, true)) released_.set_value();
  }

 private:
  std::promise<void> released_;
  bool done_ = false;
};

using MakeResponder = std::function<std::unique_ptr<net::Responder>(asio::io_context&)>;

inline std::unique_ptr<net::Responder> make_echo(asio::io_context& /*context*/) {
  return std::make_unique<EchoResponder>();
}

/// Runs until it is destroyed.
class RunningWorker {
 public:
  explicit RunningWorker(const listen::TcpOptions& tcp = {},
                         const net::ListenAddress& address = loopback(),
                         const MakeResponder& make = make_echo)
      : worker_(0, tcp) {
    listen::ListenOptions options;
    options.receive_buffer = 1 << 20;
    auto sockets = listen::open_listen_sockets(address, options);
    local_ = sockets[0].local;
    worker_.set_responder(make(worker_.context()));
    worker_.adopt(7, std::move(sockets[0]));
    worker_.start();
  }
  ~RunningWorker() {
    worker_.stop(std::chrono::milliseconds(0));
    worker_.join();
  }

  listen::Worker& worker() { return worker_; }
  [[nodiscard]] const net::Endpoint& local() const { return local_; }
  [[nodiscard]] const listen::UdpCounters& udp() const { return worker_.counters().udp; }
  [[nodiscard]] const listen::TcpCounters& tcp() const { return worker_.counters().tcp; }

  /// True when a normal query is answered, over both transports.
  [[nodiscard]] bool is_alive() const {
    const Octets query = octets("are you there?");
    const net::FileDescriptor udp = udp_client(local_);
    const net::FileDescriptor tcp = tcp_client(local_);
    return send_all(udp, query) && receive_datagram(udp) == query && send_all(tcp, framed(query)) &&
           receive_message(tcp) == query;
  }

 private:
  listen::Worker worker_;
  net::Endpoint local_;
};

/// Whether a TCP client gets its query back.
inline bool is_served(const net::FileDescriptor& client) {
  const Octets query = octets("a normal query");
  return send_all(client, framed(query)) && receive_message(client) == query;
}

}  // namespace fairlead::test
