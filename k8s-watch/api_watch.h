// The cluster as an API server tells it: every kind's watch into one store, and snapshots out of
// it.
#pragma once

#include <chrono>
#include <memory>

#include "k8s-watch/api_client.h"
#include "k8s-watch/watch.h"

namespace fairlead::k8s_watch {

/// How long a server may take; shorter in tests.
struct ApiPatience {
  std::chrono::milliseconds head{60'000};  // a first LIST of a large cluster takes its time
  /// Longer than a quiet watch lasts, shorter than the minute in which a dead stream must be found
  /// (reflector.h).
  std::chrono::milliseconds idle{45'000};
};

struct ApiSource {
  AccessSource access;  // tells where the server is, now and when it may have changed
  ApiPatience patience;
};

/// As make_watch() of watch.h.
std::unique_ptr<ClusterWatch> make_api_watch(boost::asio::io_context& io,
                                             const WatchOptions& options, Publish publish,
                                             std::shared_ptr<Observer> observer, ApiSource source);

}  // namespace fairlead::k8s_watch
