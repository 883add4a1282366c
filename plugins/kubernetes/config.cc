#include "plugins/kubernetes/config.h"

#include <algorithm>

#include "dns/name.h"
#include "plugins/names.h"

namespace fairlead::plugins::kubernetes {
namespace {

zones::PodMode pod_mode(Pods pods) {
  switch (pods) {
    case Pods::Insecure:
      return zones::PodMode::Insecure;
    case Pods::Verified:
      return zones::PodMode::Verified;
    case Pods::Disabled:
      break;
  }
  return zones::PodMode::Disabled;
}

zones::ClusterZone cluster_zone(const corefile::Cursor& cursor, const Options& options) {
  zones::ClusterZone zone;
  zone.zones = names_at(cursor, options.zones);
  const auto primary = std::ranges::find(options.zones, options.primary_zone);
  zone.primary =
      primary == options.zones.end() ? 0 : static_cast<size_t>(primary - options.zones.begin());
  zone.ttl = options.ttl;
  zone.pods = pod_mode(options.pods);
  zone.ignore_empty_service = options.ignore_empty_service;
  for (const std::string& name : options.namespaces) zone.namespaces.push_back(dns::lowered(name));
  zone.has_fallthrough = !options.fall_through.empty();
  const bool everything =
      std::ranges::find(options.fall_through, ".") != options.fall_through.end();
  if (!everything) zone.fallthrough_zones = names_at(cursor, options.fall_through);
  return zone;
}

k8s_watch::WatchOptions watch_options(const Options& options) {
  k8s_watch::WatchOptions watch;
  watch.api.endpoint = options.endpoint;
  watch.api.tls_cert_file = options.client_cert;
  watch.api.tls_key_file = options.client_key;
  watch.api.tls_ca_file = options.ca_file;
  watch.api.kubeconfig_file = options.kubeconfig;
  watch.api.kubeconfig_context = options.kubeconfig_context;
  watch.api.qps = static_cast<float>(options.apiserver_qps.value_or(0));
  watch.api.burst = static_cast<int>(options.apiserver_burst.value_or(0));
  watch.api.max_inflight = static_cast<int>(options.apiserver_max_inflight.value_or(0));
  watch.manifests_path = options.manifests;
  watch.labels = options.labels;
  watch.namespace_labels = options.namespace_labels;
  watch.pods = options.pods == Pods::Verified;
  watch.endpoint_slices = options.endpoints;
  watch.endpoint_pod_names = options.endpoint_pod_names;
  return watch;
}

}  // namespace

Config make_config(const corefile::Cursor& cursor, const Options& options) {
  return {cluster_zone(cursor, options), watch_options(options), options.startup_timeout};
}

}  // namespace fairlead::plugins::kubernetes
