// How long connections are kept, how many there may be, and what is counted of them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "dns/query.h"
#include "net/counter.h"

namespace fairlead::net {
class CurrentTls;
}

namespace fairlead::listen {

struct DohSettings;

/// Patience with each connection of a listener.
struct TcpSettings {
  std::chrono::milliseconds first{10'000};  // until the first query begins, TLS being there
  std::chrono::milliseconds idle{
      100 * dns::kIdleLimit};              // from the last reply until the next query begins
  std::chrono::milliseconds read{3'000};   // from a message's first octet to its last; a handshake
  std::chrono::milliseconds write{5'000};  // for replies that the client does not take
  uint64_t queries_per_connection = 0;     // then it is closed; 0: no limit
  std::shared_ptr<const net::CurrentTls> tls;  // null: without TLS
  std::shared_ptr<const DohSettings> doh;      // DNS over HTTP is spoken; null: DNS over TCP

  /// `idle` as replies tell it (RFC 7828).
  [[nodiscard]] uint16_t idle_limit() const {
    return static_cast<uint16_t>(std::min<int64_t>(idle.count() / 100, UINT16_MAX));
  }

  /// The shortest of the times.
  [[nodiscard]] std::chrono::milliseconds shortest() const {
    return std::min({first, idle, read, write});
  }
};

/// Limits of all connections together, and the settings of listeners that have none of their own.
/// Every one of them closes a connection, none of them a server.
struct TcpOptions : TcpSettings {
  size_t connections = 16'384;
  size_t connections_per_client = 1'024;  // of one address
  size_t buffered = 32 << 20;             // octets of unfinished queries and untaken replies
  size_t handshakes = 1'024;              // of TLS, under way
  size_t handshakes_per_client = 256;     // of one address

  /// One worker's part of limits that are meant for `workers` of them. The kernel spreads the
  /// connections of one client unevenly, so the part of a per-client limit is twice the even one.
  [[nodiscard]] TcpOptions share(size_t workers) const;
};

/// What happened to connections. Written by the worker's thread, read by any.
struct TcpCounters {
  net::Counter connections;  // open now
  net::Counter accepted;
  net::Counter refused;        // over a limit
  net::Counter evicted;        // idle ones closed to make room
  net::Counter accept_errors;  // among them: no descriptor left
  net::Counter received;       // queries
  net::Counter answered;
  net::Counter malformed;  // closed: a length below a DNS header's
  net::Counter idle_closed;
  net::Counter slow_closed;  // read or write deadline, or the buffer limit
  net::Counter handshakes;   // of TLS, that went well and were new
  net::Counter handshakes_resumed;
  net::Counter handshakes_failed;   // or had not ended when the connection did
  net::Counter handshakes_refused;  // over a limit
};

}  // namespace fairlead::listen
