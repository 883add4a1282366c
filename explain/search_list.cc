#include "explain/search_list.h"

#include <algorithm>

namespace fairlead::explain {
namespace {

std::string without_dot(std::string text) {
  if (text.ends_with('.')) text.pop_back();
  return text;
}

void add_search(std::string domain, std::vector<std::string>& searches) {
  domain = without_dot(std::move(domain));
  const bool known = std::ranges::find(searches, domain) != searches.end();
  if (!domain.empty() && !known) searches.push_back(std::move(domain));
}

std::string with_commas(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

PodResolver of_cluster(const std::string& space, const std::string& zone) {
  PodResolver resolver{.policy = "ClusterFirst: the cluster's DNS is asked", .searches = {}};
  const std::string domain = without_dot(zone);
  add_search(space + ".svc." + domain, resolver.searches);
  add_search("svc." + domain, resolver.searches);
  add_search(domain, resolver.searches);
  resolver.node_searches = true;
  return resolver;
}

}  // namespace

PodResolver resolver_of_namespace(const std::string& space, const std::string& zone) {
  return of_cluster(space, zone);
}

PodResolver resolver_of_pod(const k8s_watch::PodDetails& pod, const std::string& zone) {
  const std::string policy = pod.dns_policy.empty() ? "ClusterFirst" : pod.dns_policy;
  const bool host = policy == "ClusterFirst" && pod.host_network;
  PodResolver resolver;
  if (policy == "None") {
    constexpr int kNdotsOfResolvers = 1;
    resolver.policy =
        "None: " + (pod.nameservers.empty() ? "nobody" : with_commas(pod.nameservers)) +
        " is asked, by the pod's dnsConfig";
    resolver.ndots = kNdotsOfResolvers;
  } else if (policy == "Default" || host) {
    resolver.policy = (host ? "ClusterFirst in the host's network, which is Default" : "Default") +
                      std::string(
                          ": the pod has the node's resolv.conf and does not ask the "
                          "cluster's DNS");
    resolver.asks_cluster_dns = false;
    return resolver;
  } else {
    resolver = of_cluster(pod.key.namespace_name, zone);
    if (policy != "ClusterFirst") resolver.policy = policy + ": the cluster's DNS is asked";
    if (!pod.nameservers.empty())
      resolver.policy += ", then " + with_commas(pod.nameservers) + " of its dnsConfig";
  }
  for (const std::string& domain : pod.searches) add_search(domain, resolver.searches);
  if (pod.ndots) resolver.ndots = *pod.ndots;
  return resolver;
}

std::vector<std::string> names_tried(const std::string& name, const PodResolver& resolver) {
  if (name.ends_with('.')) return {name};
  std::vector<std::string> names;
  names.reserve(resolver.searches.size() + 1);
  for (const std::string& domain : resolver.searches)
    names.emplace_back(name).append(".").append(domain).append(".");
  const bool as_it_stands_first = std::ranges::count(name, '.') >= resolver.ndots;
  names.insert(as_it_stands_first ? names.begin() : names.end(), name + ".");
  return names;
}

}  // namespace fairlead::explain
