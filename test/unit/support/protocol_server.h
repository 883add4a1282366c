// The server as packets see it: a worker on loopback, the real query path, a small cluster.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "query/responder.h"
#include "test/unit/support/cluster_block.h"
#include "test/unit/support/packet.h"
#include "test/unit/support/reply.h"
#include "test/unit/support/running_worker.h"
#include "test/unit/support/small_cluster.h"

namespace fairlead::test {

inline constexpr char kWeb[] = "web.default.svc.cluster.local.";

/// A FORMERR without a question.
inline Octets form_err() {
  return Packet({0, 0, 0, 0}, 0x8000 | kRd | 1).octets();
}

/// What stands for the configuration: `cluster.local 10.in-addr.arpa { kubernetes }` on one
/// listening address.
class ProtocolServer {
 public:
  static constexpr uint32_t kListener = 7;

  explicit ProtocolServer(const listen::TcpOptions& tcp = {},
                          const net::ListenAddress& address = loopback())
      : worker_(tcp, address, [this](asio::io_context& context) { return responder(context); }) {}

  const net::Endpoint& local() const { return worker_.local(); }
  [[nodiscard]] RunningWorker& worker() { return worker_; }

  /// The reply to a datagram; empty when there was none. Then a normal query is asked from the same
  /// socket and must be answered.
  [[nodiscard]] std::optional<Octets> udp(const Octets& datagram) const {
    const net::FileDescriptor client = udp_client(local());
    REQUIRE(::send(client.get(), datagram.data(), datagram.size(), 0) ==
            static_cast<ssize_t>(datagram.size()));
    REQUIRE(send_all(client, normal_query()));
    // One socket of the server serves this flow, so its replies come in order.
    Octets first = receive_datagram(client);
    if (is_normal_answer(first)) return {};
    CHECK(is_normal_answer(receive_datagram(client)));
    CHECK(first.size() <= 1232);
    return first;
  }

  /// The same over TCP; empty when the connection was closed without a reply. The normal query is
  /// asked on a new connection.
  [[nodiscard]] std::optional<Octets> tcp(const Octets& message) const {
    const net::FileDescriptor client = tcp_client(local());
    REQUIRE(send_all(client, framed(message)));
    REQUIRE(::shutdown(client.get(), SHUT_WR) == 0);
    Octets reply = receive_message(client);
    CHECK(is_alive());
    if (reply.empty()) return {};
    return reply;
  }

  [[nodiscard]] Reply ask(const Octets& datagram) const {
    const auto reply = udp(datagram);
    REQUIRE(reply.has_value());
    const Reply read(*reply);
    REQUIRE(read.whole);
    return read;
  }

  [[nodiscard]] Reply ask_tcp(const Octets& message) const {
    const auto reply = tcp(message);
    REQUIRE(reply.has_value());
    const Reply read(*reply);
    REQUIRE(read.whole);
    return read;
  }

  [[nodiscard]] bool is_alive() const {
    const net::FileDescriptor client = tcp_client(local());
    return send_all(client, framed(normal_query())) && is_normal_answer(receive_message(client));
  }

  static Octets normal_query() {
    return Packet({1, 0, 0, 0}, kRd, 0xfeed).question("web.default.svc.cluster.local.", 1).octets();
  }
  static bool is_normal_answer(const Octets& message) {
    const Reply reply(message);
    return reply.whole && reply.id == 0xfeed && reply.rcode == 0 && reply.records.size() == 1 &&
           reply.records[0].rdata == Octets{10, 0, 0, 1};
  }

 private:
  std::unique_ptr<net::Responder> responder(asio::io_context& context) {
    place_->publish(small_cluster());
    auto out = std::make_unique<query::Responder>(context, 0, board_, packets_);
    out->set_routing(
        cluster_routing(kListener, {"cluster.local.", "10.in-addr.arpa."}, place_->at()));
    return out;
  }

  metrics::PacketCounters packets_;
  query::LiveBoard board_;
  std::unique_ptr<query::LiveBoard::Place<zones::Snapshot>> place_ =
      board_.place<zones::Snapshot>();
  RunningWorker worker_;
};

}  // namespace fairlead::test
