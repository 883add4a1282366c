#include "k8s-watch/watch.h"

#include "k8s-watch/api_watch.h"
#include "k8s-watch/kubeconfig.h"
#include "k8s-watch/manifests.h"
#include "k8s-watch/transport.h"

namespace fairlead::k8s_watch {

void check_watch(const WatchOptions& options) {
  if (!options.manifests_path.empty()) {
    read_manifests(load_manifest_files(options.manifests_path), options);
    return;
  }
  asio::io_context unused;
  make_transport(unused, resolve_access(options.api));
}

std::unique_ptr<ClusterWatch> make_watch(boost::asio::io_context& io, const WatchOptions& options,
                                         Publish publish, std::shared_ptr<Observer> observer) {
  if (!options.manifests_path.empty()) {
    return make_manifest_watch(io, options, std::move(publish), std::move(observer));
  }
  return make_api_watch(
      io, options, std::move(publish), std::move(observer),
      {.access = [api = options.api] { return resolve_access(api); }, .patience = {}});
}

}  // namespace fairlead::k8s_watch
