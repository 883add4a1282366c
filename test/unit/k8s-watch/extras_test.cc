// What is read only for those who ask for it, in either encoding.
#include "k8s-watch/extras.h"

#include <doctest/doctest.h>

#include "k8s-watch/manifests.h"
#include "test/unit/k8s-watch/protobuf_text.h"
#include "test/unit/k8s-watch/recorder.h"

using namespace fairlead;
using namespace fairlead::k8s_watch;
using namespace fairlead::k8s_watch::test;
using zones::Kind;

namespace {

constexpr Extras kAll{.outside = true, .zones = true, .imports = true};

std::string last(const std::vector<std::string>& lines) {
  REQUIRE_FALSE(lines.empty());
  return lines.size() == 1 ? lines.front() : lines.front() + "; " + lines.back();
}

std::string json(Kind kind, const std::string& object, Extras extras) {
  return last(decoded_by<WatchDecoder>(kind, R"({"type":"ADDED","object":)" + object + "}\n", true,
                                       extras));
}

std::string json_service(const std::string& rest, Extras extras = kAll) {
  return json(Kind::Service, R"({"metadata":{"name":"s","namespace":"n"},"spec":{)" + rest + "}",
              extras);
}

std::string json_ingress(const std::string& ingress) {
  return json_service(R"(},"status":{"loadBalancer":{"ingress":[)" + ingress + "]}}");
}

std::string json_slice(const std::string& labels, Extras extras) {
  return json(Kind::EndpointSlice,
              R"({"metadata":{"name":"e","namespace":"n","labels":{)" + labels +
                  R"(}},"endpoints":[{"addresses":["10.0.0.1"],"zone":"Z.a"}]})",
              extras);
}

std::string import(const std::string& spec) {
  return json(
      Kind::ServiceImport,
      R"({"kind":"ServiceImport","metadata":{"name":"s","namespace":"n"},"spec":)" + spec + "}",
      kAll);
}

std::string protobuf(Kind kind, const std::string& type, const std::string& raw, Extras extras) {
  return last(decoded_by<ProtobufWatchDecoder>(
      kind, k8s_watch::test::event("ADDED", envelope(type, raw)), true, extras));
}

std::string protobuf_ingress(const std::string& ingress, Extras extras = kAll) {
  const std::string spec = bytes(2, bytes(5, "10.9.0.1"));
  const std::string status = bytes(3, bytes(1, bytes(1, ingress)));
  return protobuf(Kind::Service, "Service", kMeta + spec + status, extras);
}

std::string label(const std::string& key, const std::string& value) {
  return bytes(11, bytes(1, key) + bytes(2, value));
}

}  // namespace

TEST_CASE("extras: where services are reached from outside") {
  CHECK(json_service(R"("externalIPs":["10.9.0.1","::1"]})") ==
        "ADDED service n/s cluster outside 10.9.0.1 outside ::1");
  CHECK(json_service(R"("externalIPs":["x","10.9.0.1"]})") ==
        "OMITTED n/s address spec.externalIPs; ADDED service n/s cluster outside 10.9.0.1");
  CHECK(json_ingress(R"({"ip":"10.9.0.2"},{"hostname":"lb.a"},{"hostname":"10.9.0.3"},{})") ==
        "ADDED service n/s cluster outside 10.9.0.2 outside 10.9.0.3 outside lb.a");
  CHECK(json_ingress(R"({"ip":"x","hostname":"lb.a"})") ==
        "OMITTED n/s address status.loadBalancer.ingress.ip; ADDED service n/s cluster");
  CHECK(json_ingress(R"({"hostname":"a b"})") ==
        "OMITTED n/s name status.loadBalancer.ingress.hostname; ADDED service n/s cluster");
  CHECK(json_service(R"("externalIPs":["10.9.0.1"],"externalIPs":7})", {}) ==
        "ADDED service n/s cluster");
}

TEST_CASE("extras: the same in protobuf") {
  CHECK(protobuf_ingress(bytes(1, "10.9.0.2")) ==
        "ADDED service n/s cluster outside 10.9.0.1 outside 10.9.0.2");
  CHECK(protobuf_ingress(bytes(2, "lb.a")) ==
        "ADDED service n/s cluster outside 10.9.0.1 outside lb.a");
  CHECK(protobuf_ingress(bytes(2, "10.9.0.3")) ==
        "ADDED service n/s cluster outside 10.9.0.1 outside 10.9.0.3");
  CHECK(protobuf_ingress("") == "ADDED service n/s cluster outside 10.9.0.1");
  CHECK(protobuf_ingress(bytes(1, "x")) ==
        "OMITTED n/s address status.loadBalancer.ingress.ip; ADDED service n/s cluster outside "
        "10.9.0.1");
  CHECK(protobuf_ingress(bytes(2, "a b")) ==
        "OMITTED n/s name status.loadBalancer.ingress.hostname; ADDED service n/s cluster outside "
        "10.9.0.1");
  CHECK(protobuf_ingress(bytes(1, "10.9.0.2"), {}) == "ADDED service n/s cluster");
}

TEST_CASE("extras: the zones of endpoints") {
  CHECK(json_slice("", {.zones = true}) == "ADDED slice n/e of  {||Z.a 10.0.0.1}");
  CHECK(json_slice("", {}) == "ADDED slice n/e of  {| 10.0.0.1}");
  const std::string endpoint = bytes(2, bytes(1, "10.0.0.1") + bytes(7, "Z.a"));
  CHECK(protobuf(Kind::EndpointSlice, "EndpointSlice", kMeta + endpoint, {.zones = true}) ==
        "ADDED slice n/s of  {||Z.a 10.0.0.1}");
  CHECK(protobuf(Kind::EndpointSlice, "EndpointSlice", kMeta + endpoint, {}) ==
        "ADDED slice n/s of  {| 10.0.0.1}");
}

TEST_CASE("extras: the labels of pods") {
  const auto pod = [](const std::string& labels, Extras extras) {
    return json(Kind::Pod,
                R"({"metadata":{"name":"p","namespace":"n")" + labels +
                    R"(},"status":{"podIP":"10.0.0.1"}})",
                extras);
  };
  const std::string labels = R"(,"labels":{"app":"web","a.b/c":"","":"x","long":")" +
                             std::string(64, 'x') + R"(","number":7})";
  CHECK(pod(labels, {.pod_labels = true}) == "ADDED pod n/p 10.0.0.1 labels app=web a.b/c=");
  CHECK(pod("", {.pod_labels = true}) == "ADDED pod n/p 10.0.0.1 labels");
  CHECK(pod(R"(,"labels":[])", {.pod_labels = true}) == "ADDED pod n/p 10.0.0.1 labels");
  CHECK(pod(labels, {}) == "ADDED pod n/p 10.0.0.1");
  const std::string meta =
      bytes(1, bytes(1, "p") + bytes(3, "n") + label("app", "web") + label("a.b/c", "") +
                   label("", "x") + label("long", std::string(64, 'x')));
  const std::string raw = meta + bytes(3, bytes(6, "10.0.0.1"));
  CHECK(protobuf(Kind::Pod, "Pod", raw, {.pod_labels = true}) ==
        "ADDED pod n/p 10.0.0.1 labels app=web a.b/c=");
  CHECK(protobuf(Kind::Pod, "Pod", raw, {}) == "ADDED pod n/p 10.0.0.1");
}

TEST_CASE("extras: slices of imports") {
  const std::string labels =
      R"("kubernetes.io/service-name":"s","multicluster.kubernetes.io/service-name":"i",)"
      R"("multicluster.kubernetes.io/source-cluster":"C1")";
  CHECK(json_slice(labels, {.imports = true}) ==
        "ADDED slice n/e of s import i in C1 {| 10.0.0.1}");
  CHECK(json_slice(labels, {.imports = true, .only_imported = true}) ==
        "ADDED slice n/e of  import i in C1 {| 10.0.0.1}");
  CHECK(json_slice(labels, {}) == "ADDED slice n/e of s {| 10.0.0.1}");
  const std::string meta =
      bytes(1, bytes(1, "e") + bytes(3, "n") + label("kubernetes.io/service-name", "s") +
                   label("multicluster.kubernetes.io/service-name", "i") +
                   label("multicluster.kubernetes.io/source-cluster", "C1"));
  const auto slice = [&](Extras extras) {
    return protobuf(Kind::EndpointSlice, "EndpointSlice", meta, extras);
  };
  CHECK(slice({.imports = true}) == "ADDED slice n/e of s import i in C1");
  CHECK(slice({.imports = true, .only_imported = true}) == "ADDED slice n/e of  import i in C1");
  CHECK(slice({}) == "ADDED slice n/e of s");
}

TEST_CASE("extras: imports") {
  CHECK(import(R"({"type":"ClusterSetIP","ips":["10.7.0.1"],"ports":[{"port":80,"name":"h"}]})") ==
        "ADDED import of service n/s cluster 10.7.0.1 h/TCP/80");
  CHECK(import(R"({"type":"Headless","ports":[{"port":80}]})") ==
        "ADDED import of service n/s headless /TCP/80");
  CHECK(import(R"({"type":"ClusterSetIP","ips":null})") == "ADDED import of service n/s cluster");
  CHECK(import(R"({"ips":["x"]})") ==
        "OMITTED n/s address spec.ips; ADDED import of service n/s cluster");
  CHECK(import("null") == "SKIPPED n/s missing spec");
  CHECK(import(R"({"ips":7})") == "SKIPPED n/s type spec.ips");
  // A custom resource is never sent as protobuf.
  CHECK(protobuf(Kind::ServiceImport, "ServiceImport", kMeta, kAll) == "SKIPPED n/s type kind");
}

TEST_CASE("extras: manifests hold imports for those who ask") {
  const std::string text =
      "apiVersion: multicluster.x-k8s.io/v1alpha1\nkind: ServiceImport\n"
      "metadata: {name: i, namespace: n, labels: {a: b}}\nspec: {type: Headless}\n";
  WatchOptions options;
  CHECK(read_manifests({{"f", text}}, options).imports.empty());
  options.extras.imports = true;
  const ManifestObjects objects = read_manifests({{"f", text}}, options);
  CHECK(objects.imports.size() == 1);
  CHECK(objects.namespaces.size() == 1);
  options.labels = "a=c";
  CHECK(read_manifests({{"f", text}}, options).imports.empty());
}
