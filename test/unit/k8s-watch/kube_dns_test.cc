#include "k8s-watch/kube_dns.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace fairlead::k8s_watch;
using Strings = std::vector<std::string>;

namespace {

KubeDnsConfig with_data(const std::string& data) {
  return read_kube_dns("cm.yaml", "kind: ConfigMap\nmetadata: {name: kube-dns}\ndata:\n" + data);
}

std::string error_of(const std::string& text) {
  try {
    read_kube_dns("cm.yaml", text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

std::string error_of_data(const std::string& data) {
  return error_of("kind: ConfigMap\ndata:\n" + data);
}

}  // namespace

TEST_CASE("kube-dns: what the Kubernetes documentation shows") {
  const auto config = with_data(
      "  stubDomains: |\n"
      "    {\"acme.local\" : [\"1.2.3.4\"], \"My.Stub.\": [\"10.0.0.1:5353\", \"[fd00::1]:54\"]}\n"
      "  upstreamNameservers: |\n"
      "    [\"8.8.8.8\", \"8.8.4.4:54\", \"2001:db8::53\"]\n");
  REQUIRE(config.stub_domains.size() == 2);
  CHECK(config.stub_domains[0].domain == "acme.local");
  CHECK(config.stub_domains[0].servers == Strings{"1.2.3.4"});
  CHECK(config.stub_domains[1].domain == "my.stub");
  CHECK(config.stub_domains[1].servers == Strings{"10.0.0.1:5353", "[fd00::1]:54"});
  CHECK(config.upstreams == Strings{"8.8.8.8", "8.8.4.4:54", "2001:db8::53"});
  CHECK(config.warnings.empty());
}

TEST_CASE("kube-dns: JSON, and a map that says nothing") {
  const auto config = read_kube_dns(
      "-",
      R"({"apiVersion":"v1","kind":"ConfigMap","data":{"upstreamNameservers":"[\"9.9.9.9\"]"}})");
  CHECK(config.upstreams == Strings{"9.9.9.9"});
  for (const char* text :
       {"kind: ConfigMap\n", "kind: ConfigMap\ndata:\n",
        "kind: ConfigMap\ndata: {stubDomains: ''}\n",
        "---\nkind: ConfigMap\ndata: {stubDomains: 'null', upstreamNameservers: '[]'}\n"}) {
    CAPTURE(text);
    const auto empty = read_kube_dns("f", text);
    CHECK(empty.stub_domains.empty());
    CHECK(empty.upstreams.empty());
    CHECK(empty.warnings.empty());
  }
}

TEST_CASE("kube-dns: what has no place in a Corefile is told of") {
  const auto config = with_data(
      "  federations: myfederation=federation.test\n  other: x\n"
      "  stubDomains: '{\"a.b\": [\"dns.example.com\"]}'\n");
  REQUIRE(config.warnings.size() == 3);
  CHECK(config.warnings[0] ==
        "cm.yaml: data.federations left out: federations are no longer part of Kubernetes");
  CHECK(config.warnings[1] == "cm.yaml: data.other left out: kube-dns has no such key");
  CHECK(
      config.warnings[2].starts_with("cm.yaml: data.stubDomains.a.b: 'dns.example.com' is a name"));
  CHECK(config.stub_domains[0].servers == Strings{"dns.example.com"});
}

TEST_CASE("kube-dns: errors name the file and the key") {
  const std::pair<const char*, const char*> data_rows[] = {
      {"  stubDomains: '{'\n", "cm.yaml: data.stubDomains: not JSON: "},
      {"  stubDomains: '[]'\n", "cm.yaml: data.stubDomains: must be an object"},
      {"  stubDomains: {a: b}\n", "cm.yaml: data.stubDomains: must be a text that holds JSON"},
      {"  stubDomains: '{\"a b\": [\"1.1.1.1\"]}'\n",
       "cm.yaml: data.stubDomains: 'a b' is no domain"},
      {"  stubDomains: '{\".\": [\"1.1.1.1\"]}'\n", "cm.yaml: data.stubDomains: '.' is no domain"},
      {"  stubDomains: '{\"a\\n}\": [\"1.1.1.1\"]}'\n",
       "cm.yaml: data.stubDomains: 'a?}' is no domain"},
      {"  stubDomains: '{\"a\": \"1.1.1.1\"}'\n", "cm.yaml: data.stubDomains.a: must be a list"},
      {"  stubDomains: '{\"a\": []}'\n", "cm.yaml: data.stubDomains.a: has no servers"},
      {"  stubDomains: '{\"a\": [7]}'\n", "cm.yaml: data.stubDomains.a: an address must be a text"},
      {"  stubDomains: '{\"a\": [\"1.1.1.1 {\"]}'\n",
       "cm.yaml: data.stubDomains.a: '1.1.1.1 {' is no address"},
      {"  stubDomains: '{\"a\": [\"1.1.1.1\"], \"A.\": [\"1.1.1.2\"]}'\n",
       "cm.yaml: data.stubDomains.a: is there twice"},
      {"  upstreamNameservers: '{}'\n", "cm.yaml: data.upstreamNameservers: must be a list"},
      {"  upstreamNameservers: '[\"dns.example\"]'\n",
       "cm.yaml: data.upstreamNameservers: 'dns.example' is no address"},
      {"  upstreamNameservers: '[\"1.1.1.1:0\"]'\n",
       "cm.yaml: data.upstreamNameservers: '1.1.1.1:0' is no address"},
      {"  upstreamNameservers: '[\"fd00::1]:53\"]'\n",
       "cm.yaml: data.upstreamNameservers: 'fd00::1]:53' is no address"},
      {"  upstreamNameservers: '[\"[1.1.1.1]:53\"]'\n",
       "cm.yaml: data.upstreamNameservers: '[1.1.1.1]:53' is no address"},
  };
  for (const auto& [data, error] : data_rows) {
    CAPTURE(data);
    CHECK_MESSAGE(error_of_data(data).starts_with(error), error_of_data(data));
  }
  const std::pair<std::string, const char*> rows[] = {
      {"", "cm.yaml: one ConfigMap is expected, here are 0 documents"},
      {"kind: ConfigMap\n---\nkind: ConfigMap\n", "cm.yaml: one ConfigMap is expected, here are 2"},
      {"# x\n---\nkind: [\n", "cm.yaml: line "},
      {"a: \"\\\r\"\n", "cm.yaml: line 1: unknown escape character: ?"},
      {"[]", "cm.yaml: not a ConfigMap"},
      {"data: {}", "cm.yaml: kind: missing"},
      {"kind: Secret", "cm.yaml: kind: 'Secret' instead of ConfigMap"},
      {"kind: ConfigMap\ndata: []", "cm.yaml: data: must be an object"},
      {std::string(kMaxConfigMap + 1, '#'), "cm.yaml: larger than any ConfigMap"},
  };
  for (const auto& [text, error] : rows) {
    CAPTURE(error);
    CHECK_MESSAGE(error_of(text).starts_with(error), error_of(text));
  }
  std::string many = "[";
  for (int i = 0; i < 16; ++i) many += (i ? ",\"1.1.1." : "\"1.1.1.") + std::to_string(i) + '"';
  CHECK(error_of_data("  upstreamNameservers: '" + many + "]'\n") ==
        "cm.yaml: data.upstreamNameservers: more than 15 servers");
}
