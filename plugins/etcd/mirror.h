// A copy of the keys of etcd that follows their changes: read once, then watched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/asio.h"
#include "net/log.h"
#include "plugins/etcd/gateway.h"
#include "plugins/etcd/tree.h"

namespace fairlead::plugins::etcd {

struct MirrorOptions {
  Connection connection;
  /// Paths of zones, none below another one: each with all that is below is read.
  std::vector<std::string> paths;
  friend bool operator==(const MirrorOptions&, const MirrorOptions&) = default;
};

/// What happens, for logs and metrics. Called on the mirror's thread; must not block.
class MirrorObserver {
 public:
  virtual ~MirrorObserver() = default;
  virtual void log(net::LogLevel level, const std::string& text) = 0;
  /// A key is left out: one of "json", "host", "size", "room".
  virtual void skipped(const std::string& reason) = 0;
  /// A response has begun ("200", "401"), or there was none ("<error>").
  virtual void requested(const std::string& operation, const std::string& code) = 0;
  /// All keys were read, for one of "start", "compacted", "history", "stream", "rights".
  virtual void listed(const std::string& reason) = 0;
  /// Something was heard of etcd: an answer, a change, or that there is none.
  virtual void heard() = 0;
  /// Why it cannot be read at the moment; empty: it can.
  virtual void trouble(const std::string& text) = 0;
};

/// Called with each new state.
using Publish = std::function<void(std::shared_ptr<const Tree>)>;

/// Used by the thread that runs its io_context, but for its constructor.
class Mirror {
 public:
  virtual ~Mirror() = default;
  /// Begins; the first state follows when all has been read. Called once.
  virtual void start() = 0;
  /// Ends all work: nothing is published any more, and it may be destroyed once the io_context has
  /// run dry.
  virtual void stop() = 0;
};

/// The servers are asked in their order, again and again until one answers; one that is away takes
/// nothing away of what has been read. `io` and `observer` outlive it.
std::unique_ptr<Mirror> make_mirror(asio::io_context& io, const MirrorOptions& options,
                                    Publish publish, MirrorObserver& observer);

}  // namespace fairlead::plugins::etcd
