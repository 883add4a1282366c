// What of the cluster is read only for those who ask for it.
#pragma once

namespace fairlead::k8s_watch {

/// All off: what every name of the cluster zone needs, and nothing else.
struct Extras {
  bool outside = false;     // where services are reached from outside (zones::Service::outside_ips)
  bool zones = false;       // the zones of endpoints (zones::Endpoint::zone)
  bool imports = false;     // ServiceImports, and the slices that belong to them
  bool pod_labels = false;  // the labels of pods, and their names (zones::Pod::labels)
  bool only_imported = false;  // no other slices (`noendpoints`)

  friend bool operator==(const Extras&, const Extras&) = default;
};

}  // namespace fairlead::k8s_watch
