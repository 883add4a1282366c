#include "listen/session.h"

#include <algorithm>

#include "dns/render.h"

namespace fairlead::listen {
namespace {

constexpr size_t kLargestFrame = 2 + dns::kMaxTcpReply;

size_t rounded_up(size_t n, size_t parts) {
  return (n + parts - 1) / parts;
}

size_t share_of_client(size_t limit, size_t workers) {
  return std::max<size_t>(std::min(limit, rounded_up(2 * limit, workers)), 1);
}

}  // namespace

TcpOptions TcpOptions::share(size_t workers) const {
  workers = std::max<size_t>(workers, 1);
  TcpOptions part = *this;
  part.connections = std::max<size_t>(rounded_up(connections, workers), 1);
  part.connections_per_client = share_of_client(connections_per_client, workers);
  part.buffered = rounded_up(buffered, workers);
  part.handshakes = std::max<size_t>(rounded_up(handshakes, workers), 1);
  part.handshakes_per_client = share_of_client(handshakes_per_client, workers);
  return part;
}

Session::Shared::Shared(asio::io_context& io, const TcpOptions& limits, TcpCounters& counts,
                        std::unique_ptr<net::Responder>& answers)
    : context(io),
      options(limits),
      counters(counts),
      responder(answers),
      handshakes(io, limits),
      input(kLargestFrame + kReadSize),
      output(kFlushSize + kLargestFrame) {}

}  // namespace fairlead::listen
