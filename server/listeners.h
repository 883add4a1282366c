// The listening addresses that are open, over reloads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "listen/doh_settings.h"
#include "listen/listener.h"
#include "listen/worker.h"
#include "metrics/metrics.h"
#include "plugins/config.h"

namespace fairlead::server {

/// Used by the control thread.
class Listeners {
 public:
  using Workers = std::vector<std::unique_ptr<listen::Worker>>;

  struct Opened {
    plugins::Listening listening;
    std::vector<listen::WorkerSockets> sockets;
  };

  /// Sockets for those of `wanted` that are not open yet. Changes nothing; throws ListenError.
  [[nodiscard]] std::vector<Opened> open_new(std::span<const plugins::Listening> wanted,
                                             size_t workers) const;

  /// Gives each new address its number, for the routing.
  void number(std::span<const Opened> opened);

  /// The settings of all that have a number, for the connections to come: in front of adopt().
  void set(std::span<const plugins::Listening> wanted, const Workers& workers);

  /// Comes behind the routing in each worker's queue: no socket is read before its zones are known.
  void adopt(std::vector<Opened> opened, const Workers& workers);

  /// Those that are open and not wanted any more are closed.
  void keep_only(std::span<const plugins::Listening> wanted, const Workers& workers);

  /// Replies of DNS over HTTPS so far: by server ("https://:443"), then status.
  using HttpReplies = std::map<std::string, std::map<std::string, uint64_t>>;
  void add_http_replies(HttpReplies& totals) const;

  /// What the sockets of each address have lost since the process started.
  void add_drops(std::map<std::string, metrics::SocketTotals::Drops>& totals) const;

  [[nodiscard]] uint32_t number_of(const net::ListenAddress& address,
                                   const std::string& transport) const {
    return numbers_.at({address, transport});
  }

 private:
  // An address that is to speak another transport gets other sockets.
  using Place = std::pair<net::ListenAddress, std::string>;
  static Place place_of(const plugins::Listening& listening) {
    return {listening.address, listening.transport};
  }

  // Of a listener of DNS over HTTPS that is or was open.
  struct Doh {
    std::shared_ptr<listen::DohConnections> connections;
    std::vector<std::shared_ptr<listen::DohCounters>> workers;
  };
  std::vector<std::shared_ptr<const listen::DohSettings>> doh_settings(
      const plugins::Listening& listening, size_t workers);

  std::map<Place, uint32_t> numbers_;
  std::map<net::ListenAddress, Doh> doh_;
  uint32_t next_ = 1;

  struct Drops {
    metrics::SocketTotals::Drops closed;  // of sockets that are no more
    std::vector<std::shared_ptr<listen::SocketDrops>> open;
  };
  static void retire(Drops& drops);
  std::map<net::ListenAddress, Drops> drops_;  // of all addresses there ever were
};

}  // namespace fairlead::server
