// Single objects of a cluster, asked for once: for those who explain answers, and want what the
// watch does not keep. They are listed rather than got, so that the rights of a DNS server are
// enough.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "k8s-watch/manifests.h"
#include "k8s-watch/watch.h"
#include "zones/objects.h"

namespace fairlead::k8s_watch {

enum class Resource : uint8_t { Service, EndpointSlice, Pod, ConfigMap };

/// "services", "pods", …
const char* resource_name(Resource resource);

struct ObjectQuery {
  Resource resource = Resource::Service;
  std::string namespace_name;
  std::string name;    // empty: any
  std::string labels;  // a label selector; empty: any
};

/// At most 500 objects as a list in JSON.
struct ObjectList {
  std::string json;
  std::string trouble;  // not empty: why they could not be read, in one line
};

/// Blocks. Does not throw.
using ObjectSource = std::function<ObjectList(const ObjectQuery&)>;

/// Asks the API server or the manifests of `options`; its label selectors do not count. Each
/// question may take `patience`. Throws nothing: what cannot be used is each answer's trouble.
ObjectSource object_source(const WatchOptions& options, std::chrono::milliseconds patience);

/// The objects of these files.
ObjectSource manifest_objects(std::vector<ManifestFile> files);

struct ServiceDetails {
  std::map<std::string, std::string> selector;
  bool publish_not_ready = false;  // publishNotReadyAddresses

  /// "app=api,tier=web"
  [[nodiscard]] std::string selector_text() const;
};

struct EndpointDetails {
  std::string addresses;  // "10.244.0.19", or several with commas
  std::string hostname, pod_name;
  bool ready = true, serving = true, terminating = false;
};

struct SliceDetails {
  std::string name;
  std::vector<EndpointDetails> endpoints;
};

struct PodDetails {
  zones::ObjectKey key;
  std::map<std::string, std::string> labels;
  std::string phase, ip;
  bool host_network = false;
  std::string dns_policy;  // empty: ClusterFirst
  std::vector<std::string> nameservers, searches;
  std::optional<int> ndots;
};

/// What `json`, an ObjectList's, holds; what is no such object is passed over. All texts are
/// printable and at most 253 octets long.
std::vector<ServiceDetails> read_services(const std::string& json);
std::vector<SliceDetails> read_slices(const std::string& json);
std::vector<PodDetails> read_pods(const std::string& json);
/// The value of a ConfigMap's key, unchanged; none when it is not there.
std::optional<std::string> read_config_value(const std::string& json, const std::string& key);

}  // namespace fairlead::k8s_watch
