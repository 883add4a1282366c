#include "explain/search_list.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace fairlead;
using explain::names_tried;
using explain::PodResolver;

namespace {

using Names = std::vector<std::string>;

k8s_watch::PodDetails pod(const std::string& policy) {
  k8s_watch::PodDetails details;
  details.key = {"shop", "web"};
  details.dns_policy = policy;
  return details;
}

}  // namespace

TEST_CASE("search list: ndots decides what is asked first") {
  const PodResolver resolver = explain::resolver_of_namespace("shop", "cluster.local.");
  CHECK(names_tried("web", resolver) == Names{"web.shop.svc.cluster.local.",
                                              "web.svc.cluster.local.", "web.cluster.local.",
                                              "web."});
  CHECK(names_tried("a.b.c.d.e", resolver).back() == "a.b.c.d.e.");
  CHECK(names_tried("a.b.c.d.e.f", resolver).front() == "a.b.c.d.e.f.");
  CHECK(names_tried("web.", resolver) == Names{"web."});
}

TEST_CASE("search list: a pod's dnsPolicy and dnsConfig") {
  CHECK(explain::resolver_of_pod(pod(""), "x.").searches == Names{"shop.svc.x", "svc.x", "x"});
  CHECK(explain::resolver_of_pod(pod("ClusterFirstWithHostNet"), "x.").asks_cluster_dns);
  CHECK_FALSE(explain::resolver_of_pod(pod("Default"), "x.").asks_cluster_dns);
  k8s_watch::PodDetails host = pod("ClusterFirst");
  host.host_network = true;
  CHECK_FALSE(explain::resolver_of_pod(host, "x.").asks_cluster_dns);
  k8s_watch::PodDetails own = pod("None");
  own.nameservers = {"10.0.0.1", "10.0.0.2"};
  own.searches = {"a.", "b"};
  const PodResolver none = explain::resolver_of_pod(own, "x.");
  CHECK(none.policy == "None: 10.0.0.1, 10.0.0.2 is asked, by the pod's dnsConfig");
  CHECK(none.searches == Names{"a", "b"});
  CHECK(none.ndots == 1);
  CHECK_FALSE(none.node_searches);
  own.dns_policy = "ClusterFirst";
  own.searches = {"svc.x", "a"};
  own.ndots = 2;
  const PodResolver more = explain::resolver_of_pod(own, "x.");
  CHECK(more.searches == Names{"shop.svc.x", "svc.x", "x", "a"});
  CHECK(more.ndots == 2);
}
