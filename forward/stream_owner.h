// Whom a connection to an upstream belongs to, and what it is made from.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "forward/doh.h"
#include "forward/settings.h"
#include "forward/tls.h"
#include "net/asio.h"
#include "net/random.h"

namespace fairlead::forward {

class StreamConnection;

/// Told what happens on a connection, on the worker's thread; the connection stays alive during the
/// call. Nothing is told after release().
class StreamOwner {
 public:
  virtual void on_open(StreamConnection& connection, std::chrono::nanoseconds took) = 0;
  /// The reply to `query`, which is forgotten, with the connection's id in it. `message` may be
  /// written to.
  virtual void on_reply(StreamConnection& connection, uint32_t query,
                        std::span<uint8_t> message) = 0;
  /// There is no reply to `query`, which is forgotten; the connection goes on. `untouched`: the
  /// upstream has not looked at it.
  virtual void on_failed(StreamConnection& connection, uint32_t query, std::string_view text,
                         bool untouched) = 0;
  /// All that was sent has been answered or cancelled.
  virtual void on_idle(StreamConnection& connection) = 0;
  /// The end. `queries` have no reply; `peer_ended` when the upstream closed an open connection.
  virtual void on_closed(StreamConnection& connection, std::span<const uint32_t> queries,
                         std::string_view text, bool peer_ended) = 0;

 protected:
  ~StreamOwner() = default;
};

/// What a connection is made from; the references outlive it or its release().
struct StreamPeer {
  asio::io_context& context;
  const Settings& settings;
  const UpstreamSettings& upstream;
  TlsClient* tls;
  std::shared_ptr<DohUpstream> doh;  // null: DNS without HTTP
  net::Random& random;
};

}  // namespace fairlead::forward
