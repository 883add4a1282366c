#include <doctest/doctest.h>

#include "plugins/kubernetes/setup.h"
#include "plugins/names.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::kubernetes {
using namespace fairlead::plugins::testing;
using fairlead::zones::PodMode;
using std::chrono::seconds;

namespace {

const auto kRun = [](auto& cursor, const auto& context) {
  return kubernetes::parse(cursor, context);
};

kubernetes::Config options_of(const std::string& lines) {
  return with_directive("kubernetes", lines, kRun);
}
kubernetes::Config with_option(const std::string& line) {
  return options_of("kubernetes cluster.local {\n" + line + "\n}");
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("kubernetes: defaults") {
  const auto config = options_of("kubernetes Cluster.Local");
  CHECK(list(config.zone.zones) == "cluster.local.");
  CHECK(config.zone.primary == 0);
  CHECK(config.zone.ttl == 5);
  CHECK(config.zone.pods == PodMode::Disabled);
  CHECK_FALSE(config.zone.has_fallthrough);
  CHECK(config.watch == fairlead::k8s_watch::WatchOptions());
  CHECK(config.watch.endpoint_slices);
  CHECK(config.startup_timeout == seconds(5));
  CHECK(list(options_of("kubernetes").zone.zones) == "example.org.");
}

TEST_CASE("kubernetes: zones") {
  const auto kubeadm = options_of("kubernetes cluster.local in-addr.arpa ip6.arpa");
  CHECK(list(kubeadm.zone.zones) == "cluster.local., in-addr.arpa., ip6.arpa.");
  CHECK(kubeadm.zone.primary == 0);
  const auto last = options_of("kubernetes in-addr.arpa 10.96.0.0/12 c.local").zone;
  CHECK(fairlead::dns::to_text(last.zones[last.primary].view()) == "c.local.");
  CHECK(list(options_of("kubernetes 10.0.0.0/23 c.local").zone.zones) ==
        "0.0.10.in-addr.arpa., 1.0.10.in-addr.arpa., c.local.");
}

TEST_CASE("kubernetes: where the cluster is") {
  CHECK(with_option("endpoint https://k8s:8443").watch.api.endpoint == "https://k8s:8443");
  const auto tls = with_option("tls cert.pem key.pem ca.pem");
  CHECK(tls.watch.api.tls_cert_file == "cert.pem");
  CHECK(tls.watch.api.tls_key_file == "key.pem");
  CHECK(tls.watch.api.tls_ca_file == "ca.pem");
  CHECK(with_option("kubeconfig /k").watch.api.kubeconfig_file == "/k");
  CHECK(with_option("kubeconfig /k dev").watch.api.kubeconfig_context == "dev");
  CHECK(with_option("manifests ./examples").watch.manifests_path == "./examples");
  CHECK(with_option("apiserver_qps 2.5").watch.api.qps == 2.5F);
  CHECK(with_option("apiserver_burst 20").watch.api.burst == 20);
  CHECK(with_option("apiserver_max_inflight 4").watch.api.max_inflight == 4);
  // More than a client can count is as good as no limit, and never wraps around to one.
  CHECK(with_option("apiserver_burst 4294967296").watch.api.burst == 2147483647);
  CHECK(with_option("apiserver_qps " + std::string(300, '9')).watch.api.qps == 1e6F);
  CHECK(with_option("startup_timeout 1m").startup_timeout == seconds(60));
}

TEST_CASE("kubernetes: the second endpoint is only warned about") {
  const auto run = [](auto& cursor, const auto& context) {
    const auto options = kubernetes::parse(cursor, context);
    return std::pair(options.watch.api.endpoint, cursor.warnings());
  };
  const auto [endpoint, warnings] =
      with_directive("kubernetes", "kubernetes {\nendpoint http://a http://b\n}", run);
  CHECK(endpoint == "http://a");
  CHECK(warnings == Words{"Multiple endpoints have been deprecated, only the first specified "
                          "endpoint 'http://a' is used"});
}

TEST_CASE("kubernetes: without a cluster domain it is a reverse zone's, and told") {
  const auto run = [](auto& cursor, const auto& context) {
    const auto zone = kubernetes::parse(cursor, context).zone;
    return std::pair(zone.primary, cursor.warnings());
  };
  const auto [primary, warnings] =
      with_directive("kubernetes", "kubernetes 10.in-addr.arpa ip6.arpa in-addr.arpa", run);
  CHECK(primary == 1);
  CHECK(warnings == Words{"no cluster domain among the zones: services have no names but below "
                          "ip6.arpa."});
  const auto [second, none] = with_directive("kubernetes", "kubernetes in-addr.arpa a.b", run);
  CHECK(second == 1);
  CHECK(none.empty());
}

TEST_CASE("kubernetes: which objects") {
  CHECK(with_option("namespaces a b\nnamespaces c").zone.namespaces == Words{"a", "b", "c"});
  CHECK(with_option("namespace_labels istio=enabled").watch.namespace_labels == "istio=enabled");
  CHECK(with_option("labels environment in (prod, qa),app=web").watch.labels ==
        "environment in (prod, qa),app=web");
  CHECK(with_option("pods insecure").zone.pods == PodMode::Insecure);
  CHECK(with_option("pods verified").zone.pods == PodMode::Verified);
  CHECK(with_option("pods disabled").zone.pods == PodMode::Disabled);
  CHECK_FALSE(with_option("noendpoints").watch.endpoint_slices);
  CHECK(with_option("ignore empty_service").zone.ignore_empty_service);
}

TEST_CASE("kubernetes: answers") {
  CHECK(with_option("endpoint_pod_names").watch.endpoint_pod_names);
  CHECK(with_option("ttl 0").zone.ttl == 0);
  CHECK(with_option("ttl 3600").zone.ttl == 3600);
  const auto all = with_option("fallthrough").zone;
  CHECK(all.has_fallthrough);
  CHECK(all.fallthrough_zones.empty());
  const auto some = with_option("fallthrough in-addr.arpa IP6.arpa").zone;
  CHECK(some.has_fallthrough);
  CHECK(list(some.fallthrough_zones) == "in-addr.arpa., ip6.arpa.");
}

TEST_CASE("kubernetes: what names of the cluster set and of zones need is read, and only then") {
  CHECK(with_option("ttl 5").watch.extras == k8s_watch::Extras{});
  CHECK(with_option("multicluster").watch.extras == k8s_watch::Extras{});
  const auto zonal = with_option("zonal");
  CHECK(zonal.zone.zonal);
  CHECK(zonal.watch.extras == k8s_watch::Extras{.zones = true});
  const auto run = [](auto& cursor, const auto& context) {
    return kubernetes::parse(cursor, context);
  };
  const auto both = with_directive(
      "kubernetes", "kubernetes set.local b.local in-addr.arpa {\nmulticluster Set.local\n}", run);
  CHECK(list(both.zone.multicluster) == "set.local.");
  CHECK(both.watch.extras == k8s_watch::Extras{.imports = true});
  CHECK(both.zone.primary == 1);  // where PTR records lead
}

TEST_CASE("kubernetes: mistakes outside of braces") {
  const BadLine cases[] = {
      {"kubernetes a\nkubernetes b", "3" + kOnce},
      {"kubernetes 10.in-addr.arpa", parsing(2, "non-reverse zone name must be used")},
      {"kubernetes 10.0.0.0/8 fd00::/8", parsing(2, "non-reverse zone name must be used")},
      {"kubernetes a..b", parsing(2, "zone is not a valid domain name: a..b")},
  };
  check_mistakes("kubernetes", cases, kRun);
}

TEST_CASE("kubernetes: mistakes in options") {
  const BadLine cases[] = {
      {"endpoint", arguments_after(3, "endpoint")},
      {"tls a b", arguments_after(3, "b")},
      {"kubeconfig", arguments_after(3, "kubeconfig")},
      {"kubeconfig a b c", arguments_after(3, "c")},
      {"manifests", arguments_after(3, "manifests")},
      {"manifests a b", arguments_after(3, "b")},
      {"apiserver_qps x", parsing(3, "apiserver_qps must be a positive number: x")},
      {"apiserver_qps 0", parsing(3, "apiserver_qps must be a positive number: 0")},
      {"apiserver_qps inf", parsing(3, "apiserver_qps must be a positive number: inf")},
      {"apiserver_burst 0", parsing(3, "apiserver_burst must be positive: 0")},
      {"apiserver_burst x", parsing(3, "strconv.Atoi: parsing \"x\": invalid syntax")},
      {"apiserver_max_inflight -1", parsing(3, "apiserver_max_inflight must be positive: -1")},
      {"startup_timeout 5", parsing(3, "time: missing unit in duration \"5\"")},
      {"startup_timeout -5s", parsing(3, "startup_timeout can't be negative")},
      {"namespaces", arguments_after(3, "namespaces")},
      {"namespace_labels", arguments_after(3, "namespace_labels")},
      {"labels a in b",
       parsing(3, "unable to parse label selector value: 'a in b': found 'b', expected: '('")},
      {"namespace_labels =", parsing(3,
                                     "unable to parse namespace_label selector value: '=': found "
                                     "'=', expected: a label key")},
      {"pods", arguments_after(3, "pods")},
      {"pods a b", arguments_after(3, "b")},
      {"pods all",
       parsing(3, "wrong value for pods: all,  must be one of: disabled, verified, insecure")},
      {"noendpoints x", arguments_after(3, "x")},
      {"ignore", arguments_after(3, "ignore")},
      {"ignore all", parsing(3, "unable to parse ignore value: 'all'")},
      {"endpoint_pod_names x", arguments_after(3, "x")},
      {"ttl", arguments_after(3, "ttl")},
      {"ttl x", parsing(3, "strconv.Atoi: parsing \"x\": invalid syntax")},
      {"ttl -1", parsing(3, "ttl must be in range [0, 3600]: -1")},
      {"ttl 3601", parsing(3, "ttl must be in range [0, 3600]: 3601")},
      {"fallthrough a..b", parsing(3, "zone is not a valid domain name: a..b")},
      {"multicluster clusterset.local",
       parsing(4,
               "is not authoritative for the multicluster zone clusterset.local. (authoritative "
               "zones: [c.local.])")},
      {"zonal x", arguments_after(3, "x")},
      {"zonal\nnoendpoints", parsing(5, "zonal requires the endpoint cache; remove noendpoints")},
      {"upstream", parsing(3,
                           "unknown property 'upstream' (it was removed from the kubernetes "
                           "plugin, delete the line)")},
      {"resyncperiod 5m", parsing(3,
                                  "unknown property 'resyncperiod' (it was removed from the "
                                  "kubernetes plugin, delete the line)")},
      {"transfer to *", parsing(3,
                                "unknown property 'transfer' (it was removed from the kubernetes "
                                "plugin, delete the line)")},
      {"other", parsing(3, "unknown property 'other'")},
      {"namespaces a\nnamespace_labels b",
       parsing(5, "namespaces and namespace_labels cannot both be set")},
      {"manifests a\nendpoint http://b",
       parsing(5, "manifests cannot be set together with endpoint, tls or kubeconfig")},
      {"kubeconfig a\nmanifests b",
       parsing(5, "manifests cannot be set together with endpoint, tls or kubeconfig")},
      {"tls a b c\nmanifests b",
       parsing(5, "manifests cannot be set together with endpoint, tls or kubeconfig")},
  };
  for (const BadLine& c : cases) {
    CAPTURE(c.lines);
    CHECK(setup_error("kubernetes", "kubernetes c.local {\n" + c.lines + "\n}", kRun) ==
          c.expected);
  }
}

}  // namespace fairlead::plugins::kubernetes
