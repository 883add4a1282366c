// An upstream of a scenario: real sockets on loopback, in the scenario's own thread, and a script.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/asio.h"
#include "test/scenarios/script.h"
#include "test/scenarios/udp_port.h"

namespace fairlead::scenarios {

class Upstream {
 public:
  /// Opens a free port for UDP and TCP. `server_port` is where `server` in a script sends queries.
  Upstream(asio::io_context& context, uint16_t server_port);
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  [[nodiscard]] uint16_t port() const { return udp_->port(); }
  void set_script(Script script) { script_ = std::move(script); }

  /// Nobody listens there any more.
  void close();

  /// What was asked since this was called last, as query_text() says it.
  std::vector<std::string> take_asked();

 private:
  class Connection;
  using Send = std::function<void(const Octets&)>;

  bool open();
  void accept();
  void on_query(std::span<const uint8_t> query, bool tcp, const Send& send);
  void relay(const Octets& query, const Send& send);

  asio::io_context& context_;
  const uint16_t server_port_;
  Script script_;
  std::vector<std::string> asked_;
  std::shared_ptr<UdpPort> udp_;
  std::vector<std::shared_ptr<UdpPort>> relays_;  // towards the server
  std::unique_ptr<asio::ip::tcp::acceptor> tcp_;
  std::vector<std::weak_ptr<Connection>> connections_;
};

}  // namespace fairlead::scenarios
