// Handshakes of TLS that are under way on one worker: how many there may be, and whose turn it is.
// One costs as much as hundreds of plain queries, and whoever begins them is unknown.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>

#include "dns/address.h"
#include "listen/tcp_settings.h"
#include "net/asio.h"

namespace fairlead::listen {

/// Touched by its worker's thread only.
class Handshakes {
 public:
  /// How long handshakes go on before everything else that is ready has its turn.
  static constexpr std::chrono::microseconds kTurn{500};

  /// A handshake of `client`, for as long as it exists.
  class Place {
   public:
    Place(Handshakes& handshakes, const dns::IpAddress& client);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    Handshakes& handshakes_;
    const std::map<dns::IpAddress, size_t>::iterator client_;
  };

  /// `context` outlives it; of `limits` it takes `handshakes` and `handshakes_per_client`.
  Handshakes(asio::io_context& context, const TcpOptions& limits);

  /// One more of `client` is within the limits.
  [[nodiscard]] bool has_room(const dns::IpAddress& client) const;

  /// Calls `step`, which goes on with a handshake, behind those that wait already. At most one of
  /// each Place waits.
  void take_turn(std::function<void()> step);

 private:
  void schedule();
  void turn();

  // Constant after construction.
  asio::io_context& context_;
  const size_t most_, most_per_client_;

  size_t under_way_ = 0;
  std::map<dns::IpAddress, size_t> per_client_;
  bool scheduled_ = false;
  std::deque<std::function<void()>> waiting_;  // the first to go: steps may have places
};

}  // namespace fairlead::listen
