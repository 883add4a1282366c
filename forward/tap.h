// Who sees what upstreams are asked and what they say, octet for octet (dnstap).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dns/types.h"
#include "forward/settings.h"
#include "net/endpoint.h"

namespace fairlead::forward {

/// Constant; called on the threads of workers, and must not wait.
class Tap {
 public:
  virtual ~Tap() = default;

  /// A view of one message, as long as the call.
  struct Event {
    size_t worker = 0;
    net::Endpoint upstream;
    Proto proto = Proto::Udp;
    std::chrono::nanoseconds ago{};  // since it was asked
    std::span<const uint8_t> octets;
  };
  virtual void asked(const Event& query) const = 0;
  virtual void answered(const Event& reply) const = 0;
};

}  // namespace fairlead::forward
