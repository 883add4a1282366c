// The cluster, watched: what plugins/kubernetes/ starts for each `kubernetes` directive. Two
// sources feed the same store: an API server (api_watch.h) or a folder of manifests (manifests.h).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "k8s-watch/extras.h"
#include "zones/objects.h"
#include "zones/snapshot.h"

namespace boost::asio {
class io_context;
}

namespace fairlead::k8s_watch {

/// How to reach an API server: the `endpoint`, `tls` and `kubeconfig` options, or nothing for the
/// in-cluster configuration (KUBERNETES_SERVICE_HOST/PORT and
/// /var/run/secrets/kubernetes.io/serviceaccount).
struct ApiOptions {
  std::string endpoint;  // URL; empty: in-cluster unless kubeconfig is set
  std::string tls_cert_file, tls_key_file, tls_ca_file;
  std::string kubeconfig_file, kubeconfig_context;
  float qps = 0;  // 0: no client-side limit
  int burst = 0;
  int max_inflight = 0;  // requests whose response has not begun; 0: no limit

  friend bool operator==(const ApiOptions&, const ApiOptions&) = default;
};

struct WatchOptions {
  ApiOptions api;
  std::string manifests_path;    // when set, the source is this file or folder and `api` is unused
  std::string labels;            // label selector for services, endpoint slices, pods and imports
  std::string namespace_labels;  // label selector for namespaces
  bool pods = false;             // watch pods (`pods verified`)
  bool endpoint_slices = true;   // false: `noendpoints`; those of imports are read all the same
  bool endpoint_pod_names = false;
  Extras extras;

  friend bool operator==(const WatchOptions&, const WatchOptions&) = default;
};

enum class LogLevel : uint8_t { Debug, Info, Warning, Error };

/// What happens on a watch, for logs and metrics. Called on the watch's thread; must not block.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void log(LogLevel level, const std::string& text) = 0;
  /// An object was left out: `reason` is one word of a bounded set ("name", "type", "json", "size",
  /// …).
  virtual void object_skipped(zones::Kind kind, const std::string& reason) = 0;
  /// One HTTP request ended or its stream began: code as text ("200", "403"; "<error>" when there
  /// was no response).
  virtual void api_request(const std::string& verb, const std::string& host,
                           const std::string& code, std::chrono::nanoseconds took) = 0;
  /// A request had to wait this long for apiserver_qps; zero when it did not.
  virtual void rate_limited(const std::string& verb, const std::string& host,
                            std::chrono::nanoseconds waited) {
    static_cast<void>(verb), static_cast<void>(host), static_cast<void>(waited);
  }
  /// So many objects of a kind are kept, as of the snapshot just published.
  virtual void stored(zones::Kind kind, size_t count) {
    static_cast<void>(kind), static_cast<void>(count);
  }
  /// Something arrived: an object, a bookmark or a whole list.
  virtual void event(zones::Kind kind) = 0;
  virtual void relisted(zones::Kind kind, const std::string& reason, size_t removed) = 0;
  /// Why a kind cannot be listed or watched at the moment, as it was logged; empty: it can again.
  virtual void trouble(zones::Kind kind, const std::string& text) {
    static_cast<void>(kind), static_cast<void>(text);
  }
  /// This, if it wants to see objects.
  virtual class ObjectObserver* objects() { return nullptr; }
  /// A slice stamped by the endpoint slice controller entered a published snapshot this long after
  /// its change.
  virtual void programmed(bool headless, std::chrono::nanoseconds took) = 0;
};

/// An Observer that sees what enters the store, before it is published: for those who explain
/// answers, which snapshots are too terse for.
class ObjectObserver : public Observer {
 public:
  virtual void entered(const zones::Namespace& object) = 0;
  virtual void entered(const zones::Service& object) = 0;
  virtual void entered(const zones::EndpointSlice& object) = 0;
  virtual void entered(const zones::Pod& object) = 0;
  virtual void entered(const zones::ServiceImport& object) = 0;
};

using Publish = std::function<void(std::shared_ptr<const zones::Snapshot>)>;

/// One running watch. Owned and used by the thread that runs `io`; publish and observer are called
/// there.
class ClusterWatch {
 public:
  virtual ~ClusterWatch() = default;
  /// Begins; the first snapshot follows when there is something to say. Called once.
  virtual void start() = 0;
  /// Ends all work. Nothing is published after it returns; the object may be destroyed once `io`
  /// has run dry.
  virtual void stop() = 0;
};

/// Reads what `options` name (kubeconfig, certificates, every manifest) and opens no socket. Throws
/// std::runtime_error with a clear text when something cannot be used.
void check_watch(const WatchOptions& options);

/// Throws std::runtime_error with a clear text when the configuration cannot be used at all
/// (unreadable kubeconfig, no in-cluster environment, a bad URL). An API server
/// that is away is not an error.
std::unique_ptr<ClusterWatch> make_watch(boost::asio::io_context& io, const WatchOptions& options,
                                         Publish publish, std::shared_ptr<Observer> observer);

}  // namespace fairlead::k8s_watch
