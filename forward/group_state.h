// What a Group is, for forward/ alone.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "forward/group.h"
#include "forward/tls.h"
#include "forward/upstream.h"
#include "net/counter.h"

namespace fairlead::forward {

/// Shared by all workers, and by what a worker still keeps of a group that is gone.
struct GroupState {
  GroupState(Settings settings, size_t workers, const HealthListener& listener = {},
             UpstreamSessions* sessions = nullptr);

  /// Counts one more question under way; false when that is one too many.
  bool enter();
  void leave();

  // Constant after construction.
  const Settings settings;
  const std::string overloaded;  // "concurrent queries exceeded maximum N"
  std::vector<std::unique_ptr<Upstream>> upstreams;
  std::vector<std::unique_ptr<TlsClient>> tls;  // of each upstream; null without TLS

  // One per worker, raised by it alone.
  struct alignas(64) Slot {
    net::Counter healthcheck_broken;
    net::Counter rejects;
  };
  std::vector<Slot> slots;

  // What all workers write; a cache line of its own.
  struct alignas(64) Shared {
    std::atomic<size_t> concurrent{0};
    std::atomic<uint32_t> turn{0};  // of policy round_robin
  };
  Shared shared;
};

/// The handle that the configuration holds: when the last is gone, so is the configuration that
/// named these upstreams, and workers give up their sockets.
class Group {
 public:
  explicit Group(std::shared_ptr<GroupState> state) : state_(std::move(state)) {}

  [[nodiscard]] const std::shared_ptr<GroupState>& state() const { return state_; }

 private:
  std::shared_ptr<GroupState> state_;
};

}  // namespace fairlead::forward
