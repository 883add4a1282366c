// One upstream's TCP or TLS connections on one worker: pooled, pipelined, reconnected.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "forward/settings.h"
#include "net/asio.h"

namespace fairlead::forward {

class TlsClient;  // forward/tls.h

/// Told how a query ended: exactly one of the two, on the worker's thread, never from within
/// send(), and not after cancel().
class StreamUser {
 public:
  /// A message with the query's own id; valid during the call. The user checks the question.
  virtual void on_message(uint32_t token, std::span<const uint8_t> message) = 0;
  /// No connection, or it ended before the reply. `text` in Go's words, as CoreDNS logs it ("dial
  /// tcp 10.0.0.1:53: connect: connection refused", "EOF", "tls: …").
  virtual void on_stream_error(uint32_t token, std::string_view text) = 0;

 protected:
  ~StreamUser() = default;
};

/// Used by its worker's thread only. No queue is without a bound: at most 1,024 queries and 256 KiB
/// unsent on a connection, 16 connections, one of them being set up; what is more fails.
class StreamPool {
 public:
  /// `tls` is null for plain TCP; it and `settings` outlive the pool, which outlives no query:
  /// those under way when it is destroyed are not told. It may be destroyed from within a call to
  /// its user.
  StreamPool(asio::io_context& context, const Settings& settings, const UpstreamSettings& upstream,
             TlsClient* tls, StreamUser& user);
  ~StreamPool();
  StreamPool(const StreamPool&) = delete;
  StreamPool& operator=(const StreamPool&) = delete;

  /// Sends `query` (a DNS message without the length in front; its id is replaced by a random one
  /// that is free on the connection) over an idle or young connection, or a new one. `token` is the
  /// user's, one query's at a time. A connection that turns out closed before any reply costs one
  /// silent reconnect. Returns true when an open connection was used (the conn_cache_hits metric).
  bool send(uint32_t token, std::span<const uint8_t> query);

  /// Forgets a query; its reply, should it come, is ignored. The connection stays.
  void cancel(uint32_t token);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace fairlead::forward
