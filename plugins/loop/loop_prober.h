// Sends the probes of the `loop` directive: a question to this server's own address, to see whether
// it comes back through the upstreams.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "net/asio.h"
#include "net/endpoint.h"
#include "net/log.h"
#include "plugins/loop/loop_state.h"

namespace fairlead::plugins::loop {

/// One per block with `loop`; made by make_shared. Used by the control thread; stops when it is
/// destroyed.
class LoopProber : public std::enable_shared_from_this<LoopProber> {
 public:
  /// Probes `zone` at `server`, the block's first listening address (not a wildcard).
  LoopProber(asio::io_context& context, net::LogSink& log, const dns::Name& zone,
             const net::Endpoint& server);
  LoopProber(const LoopProber&) = delete;
  LoopProber& operator=(const LoopProber&) = delete;

  /// Begins. Comes after the address is served.
  void start() { step(); }

  [[nodiscard]] const std::shared_ptr<plugins::loop::LoopState>& state() const { return state_; }
  [[nodiscard]] const dns::Name& zone() const { return zone_; }

 private:
  void step();
  void send(const dns::Name& probe);
  [[nodiscard]] bool open_socket();
  void wait_for_reply();
  bool came_back();

  net::LogSink& log_;
  const dns::Name zone_;
  const net::Endpoint server_;
  std::shared_ptr<plugins::loop::LoopState> state_;
  net::Timer timer_;
  asio::posix::stream_descriptor socket_;  // of the probe that is under way
};

}  // namespace fairlead::plugins::loop
