// One upstream's connections on one worker, with TLS and HTTP or not: pooled, pipelined,
// reconnected.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "forward/settings.h"
#include "net/asio.h"

namespace fairlead::forward {

class TlsClient;  // forward/tls.h

/// Told how a query ended: exactly one of on_message() and on_stream_error(), on the worker's
/// thread, never from within send(), and not after cancel().
class StreamUser {
 public:
  /// A message with the query's own id; valid during the call. The user checks the question.
  virtual void on_message(uint32_t token, std::span<const uint8_t> message) = 0;
  /// No connection, or it ended before the reply. `text` in Go's words, as CoreDNS logs it ("dial
  /// tcp 10.0.0.1:53: connect: connection refused", "EOF", "tls: …").
  virtual void on_stream_error(uint32_t token, std::string_view text) = 0;
  /// The connection that the query has waited for is open: a reply may come from now on. The pool
  /// is not to be used from within.
  virtual void on_sent(uint32_t token) = 0;

 protected:
  ~StreamUser() = default;
};

/// Used by its worker's thread only. No queue is without a bound: at most 1,024 queries and 256 KiB
/// unsent on a connection, of which 100 are under way by HTTP/2 and one by HTTP/1.1, 16
/// connections, of which one is being set up, or four when queries wait behind others; what is more
/// fails.
class StreamPool {
 public:
  /// `tls` is null for plain TCP, never for https://; it and `settings` outlive the pool, which
  /// outlives no query: those under way when it is destroyed are not told. It may be destroyed from
  /// within a call to its user.
  StreamPool(asio::io_context& context, const Settings& settings, const UpstreamSettings& upstream,
             TlsClient* tls, StreamUser& user);
  ~StreamPool();
  StreamPool(const StreamPool&) = delete;
  StreamPool& operator=(const StreamPool&) = delete;

  struct Sent {
    uint32_t place = 0;   // for cancel()
    bool reused = false;  // an open connection was used (the conn_cache_hits metric)
  };

  /// Sends `query` (a DNS message without the length in front; its id is replaced by a random one
  /// that is free on the connection, by 0 with HTTP) over an idle or young connection, or a new
  /// one. `token` is the user's, one query's at a time. A connection that turns out closed before
  /// any reply costs one silent reconnect, and so does a query that the upstream refuses unseen
  /// (HTTP/2). To set one up, TLS included, may take eight times as long as the last one took, 1 s
  /// at least and half of a question's time at most; all of that time when the settings allow of no
  /// second attempt.
  ///
  /// `usual` is how long a reply takes at most, from what is known of the upstream. A query that
  /// has waited that long behind others is sent on another connection, for the upstream may answer
  /// in order (RFC 7766 §7), and no more are put on one where they would have to. HTTP tells how
  /// many are worked on at once: there the others take another connection as soon as there may be
  /// one.
  Sent send(uint32_t token, std::span<const uint8_t> query, std::chrono::nanoseconds usual);

  /// Forgets the query that send() gave `place`, if it has not ended; its reply, should it come, is
  /// ignored. The connection stays.
  void cancel(uint32_t place, uint32_t token);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace fairlead::forward
