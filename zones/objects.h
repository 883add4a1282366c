// The cluster's objects, cut down to what DNS says of them. k8s-watch/ decodes API objects and
// manifests into these; zones/store.h keeps them. Plain values: no rule of DNS or Kubernetes is
// applied here but the ones named.
#pragma once

#include <boost/container/small_vector.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dns/address.h"

namespace fairlead::zones {

enum class Kind : uint8_t { Namespace, Service, EndpointSlice, Pod, ServiceImport };
inline constexpr size_t kKinds = 5;

/// "namespaces", "services", "endpointslices", "pods", "serviceimports": the API resource, as RBAC
/// names it.
const char* resource_name(Kind kind);

/// What identifies an object of one kind. `namespace_name` is empty for a Namespace.
struct ObjectKey {
  std::string namespace_name;
  std::string name;

  friend bool operator==(const ObjectKey&, const ObjectKey&) = default;
  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

struct Port {
  std::string name;      // empty: unnamed
  std::string protocol;  // "TCP", "UDP", "SCTP"
  uint16_t number = 0;  // 0: all ports of an endpoint; its name exists, but there is no SRV to give
};

struct Namespace {
  std::string name;
};

/// Nearly all have one, which then stands beside what it belongs to.
using Addresses = boost::container::small_vector<dns::IpAddress, 1>;

struct Service {  // NOLINT(bugprone-exception-escape): small vectors; as their elements
  enum class Type : uint8_t { ClusterIp, Headless, ExternalName };

  ObjectKey key;
  Type type = Type::ClusterIp;
  Addresses cluster_ips;      // spec.clusterIPs, else spec.clusterIP; empty for the other types
  std::string external_name;  // as written in the object
  std::vector<Port> ports;

  /// Where it is reached from outside: spec.externalIPs, and the addresses and host names of
  /// status.loadBalancer.ingress. Empty unless somebody wants to know (k8s_watch::Extras).
  Addresses outside_ips;
  std::vector<std::string> outside_names;
};

/// A service of the cluster set (Multi-Cluster Services API, KEP-1645): cluster_ips are spec.ips,
/// and `type` is ClusterIp or Headless.
struct ServiceImport {  // NOLINT(bugprone-exception-escape)
  Service service;
};

struct Endpoint {  // NOLINT(bugprone-exception-escape)
  Addresses addresses;
  std::vector<std::string> names;  // in place of them, in a slice whose addressType is FQDN
  std::string hostname;            // endpoints[].hostname
  std::string pod_name;            // targetRef.name, when it names a Pod
  std::string zone;                // endpoints[].zone; empty unless wanted (k8s_watch::Extras)
};

/// One EndpointSlice. Only endpoints that are to be published are here: `ready` true or absent.
struct EndpointSlice {
  ObjectKey key;
  std::string service_name;  // label kubernetes.io/service-name; empty: belongs to no service
  /// Labels multicluster.kubernetes.io/service-name and …/source-cluster: the ServiceImport that it
  /// belongs to, and the cluster that its endpoints are in. Empty unless wanted
  /// (k8s_watch::Extras).
  std::string import_name;
  std::string source_cluster;
  std::vector<Port> ports;
  std::vector<Endpoint> endpoints;
  /// Annotation endpoints.kubernetes.io/last-change-trigger-time, when the endpoint slice
  /// controller stamped it.
  std::optional<std::chrono::system_clock::time_point> last_change;
};

struct Pod {
  ObjectKey key;
  std::vector<dns::IpAddress> ips;  // status.podIPs, else status.podIP
  /// None: nobody asks for them, nor for the name.
  std::optional<std::vector<std::pair<std::string, std::string>>> labels;
};

}  // namespace fairlead::zones
