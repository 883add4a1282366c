#include "k8s-watch/watch.h"

#include "k8s-watch/api_watch.h"
#include "k8s-watch/kubeconfig.h"
#include "k8s-watch/manifests.h"

namespace fairlead::k8s_watch {

std::unique_ptr<ClusterWatch> make_watch(boost::asio::io_context& io, const WatchOptions& options,
                                         Publish publish, std::shared_ptr<Observer> observer) {
  if (!options.manifests_path.empty()) {
    return make_manifest_watch(io, options, std::move(publish), std::move(observer));
  }
  return make_api_watch(io, options, std::move(publish), std::move(observer),
                        [api = options.api] { return resolve_access(api); });
}

}  // namespace fairlead::k8s_watch
