// What a pod's resolver makes of a name: the search list and ndots that the kubelet writes into its
// /etc/resolv.conf.
#pragma once

#include <string>
#include <vector>

#include "k8s-watch/object_query.h"

namespace fairlead::explain {

struct PodResolver {
  static constexpr int kNdots = 5;  // what the kubelet writes

  std::string policy;  // dnsPolicy, and what follows from it, for people
  bool asks_cluster_dns = true;
  std::vector<std::string> searches;  // without a final dot
  bool node_searches = false;         // the node's own follow, which are not known
  int ndots = kNdots;
};

/// A pod of `space` that says nothing about DNS. `zone` is the cluster's: "cluster.local.".
PodResolver resolver_of_namespace(const std::string& space, const std::string& zone);

/// `pod` by its dnsPolicy and dnsConfig.
PodResolver resolver_of_pod(const k8s_watch::PodDetails& pod, const std::string& zone);

/// The names that are asked for `name`, in their order, each with its final dot, until one has an
/// answer: as glibc does.
std::vector<std::string> names_tried(const std::string& name, const PodResolver& resolver);

}  // namespace fairlead::explain
