#include "k8s-watch/object_query.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "test/unit/k8s-watch/http_server.h"

using namespace fairlead;
using namespace fairlead::k8s_watch;

namespace {

constexpr std::chrono::seconds kPatience{5};

WatchOptions at(const std::string& url) {
  WatchOptions options;
  options.api.endpoint = url;
  return options;
}

// What a server that says `reply` to the first request was asked for, and what became of it.
struct Asked {
  Asked(const ObjectQuery& query, const std::string& status, const std::string& body) {
    test::HttpServer server([&](test::Peer& peer) {
      const auto request = peer.read();
      if (!request) return;
      target = request->target;
      peer.write("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " +
                 std::to_string(body.size()) + "\r\n\r\n" + body);
      peer.wait_closed();
    });
    list = object_source(at(server.url()), kPatience)(query);
  }

  std::string target;
  ObjectList list;
};

const std::string kManifests =
    "kind: List\napiVersion: v1\nitems:\n"
    "- {kind: Service, apiVersion: v1, metadata: {name: a, namespace: s}, spec: {selector: {app: "
    "x, "
    "tier: y}, publishNotReadyAddresses: true}}\n"
    "- {kind: Service, apiVersion: v1, metadata: {name: b, namespace: s}}\n"
    "- {kind: Service, apiVersion: v1, metadata: {name: a, namespace: t}}\n"
    "---\n"
    "kind: Pod\nmetadata: {name: p, labels: {app: x}}\n"
    "---\n"
    "kind: ConfigMap\nmetadata: {name: coredns, namespace: kube-system}\ndata: {Corefile: '. "
    "{}'}\n";

}  // namespace

TEST_CASE("object query: an API server is asked for a list") {
  const Asked pods({.resource = Resource::Pod,
                    .namespace_name = "shop",
                    .name = "web-1",
                    .labels = "app=web,tier=x"},
                   "200 OK", R"({"items":[{"metadata":{"name":"web-1","namespace":"shop"}}]})");
  CHECK(pods.target ==
        "/api/v1/namespaces/shop/pods?limit=500&fieldSelector=metadata.name%3Dweb-1"
        "&labelSelector=app%3Dweb%2Ctier%3Dx");
  CHECK(pods.list.trouble.empty());
  REQUIRE(read_pods(pods.list.json).size() == 1);
  CHECK(read_pods(pods.list.json)[0].key == zones::ObjectKey{"shop", "web-1"});
  const Asked slices(
      {.resource = Resource::EndpointSlice, .namespace_name = "s", .name = {}, .labels = {}},
      "200 OK", "{}");
  CHECK(slices.target == "/apis/discovery.k8s.io/v1/namespaces/s/endpointslices?limit=500");
}

TEST_CASE("object query: why there is no list") {
  const ObjectQuery query{
      .resource = Resource::ConfigMap, .namespace_name = "kube-system", .name = {}, .labels = {}};
  const Asked refused(query, "403 Forbidden",
                      R"({"kind":"Status","code":403,"message":"configmaps is forbidden"})");
  CHECK(refused.list.trouble == "cannot list configmaps: 403 configmaps is forbidden");
  CHECK_FALSE(object_source(at("http://127.0.0.1:1"), kPatience)(query).trouble.empty());
  WatchOptions nowhere;
  nowhere.api.kubeconfig_file = "/nonexistent";
  CHECK(object_source(nowhere, kPatience)(query).trouble.find("/nonexistent") != std::string::npos);
  nowhere.manifests_path = "/nonexistent";
  CHECK(object_source(nowhere, kPatience)(query).trouble.find("/nonexistent") != std::string::npos);
}

TEST_CASE("object query: manifests are looked through") {
  const ObjectSource objects = manifest_objects({{"f.yaml", kManifests}});
  const auto services = read_services(
      objects({.resource = Resource::Service, .namespace_name = "s", .name = "a", .labels = {}})
          .json);
  REQUIRE(services.size() == 1);
  CHECK(services[0].selector_text() == "app=x,tier=y");
  CHECK(services[0].publish_not_ready);
  const auto count = [&](const ObjectQuery& query) {
    return read_pods(objects(query).json).size();
  };
  CHECK(count({.resource = Resource::Service, .namespace_name = "s", .name = {}, .labels = {}}) ==
        2);
  // Without a namespace it is "default".
  CHECK(count({.resource = Resource::Pod,
               .namespace_name = "default",
               .name = {},
               .labels = "app=x"}) == 1);
  CHECK(count({.resource = Resource::Pod,
               .namespace_name = "default",
               .name = {},
               .labels = "app=y"}) == 0);
  const auto config = objects(
      {.resource = Resource::ConfigMap, .namespace_name = "kube-system", .name = {}, .labels = {}});
  CHECK(read_config_value(config.json, "Corefile") == ". {}");
  CHECK_FALSE(read_config_value(config.json, "NodeHosts"));
}

TEST_CASE("object query: what objects say, and what they say that means nothing") {
  const auto slices = read_slices(
      R"({"items":[{"metadata":{"name":"s-1"},"endpoints":[
        {"addresses":["10.0.0.1","10.0.0.2"],"hostname":"a","targetRef":{"kind":"Pod","name":"p"},
         "conditions":{"ready":false,"terminating":true}},
        {"addresses":["10.0.0.3"],"targetRef":{"kind":"Node","name":"n"}},
        {"conditions":{"ready":"x"}}]}]})");
  REQUIRE(slices.size() == 1);
  REQUIRE(slices[0].endpoints.size() == 3);
  const EndpointDetails& first = slices[0].endpoints[0];
  CHECK(first.addresses == "10.0.0.1, 10.0.0.2");
  CHECK(first.pod_name == "p");
  CHECK_FALSE((first.ready || first.serving));
  CHECK(first.terminating);
  CHECK(slices[0].endpoints[1].pod_name.empty());
  CHECK(slices[0].endpoints[1].serving);
  const auto pods = read_pods(
      R"({"items":[{"metadata":{"name":"p\u001b[1m","namespace":"s"},"spec":{"dnsPolicy":"None",
        "hostNetwork":true,"dnsConfig":{"nameservers":["1.1.1.1"],"searches":["a.b"],
        "options":[{"name":"ndots","value":"99999999999"}]}},"status":{"phase":"Running"}}]})");
  REQUIRE(pods.size() == 1);
  CHECK(pods[0].key.name == "p?[1m");
  CHECK(pods[0].ndots == 1000);
  CHECK(pods[0].host_network);
  for (const char* none : {"", "[]", "{", R"({"items":3})", R"({"items":[3,"x",{}]})"}) {
    CAPTURE(none);
    CHECK(read_slices(none).size() <= 1);
    CHECK_FALSE(read_config_value(none, "Corefile"));
  }
}
