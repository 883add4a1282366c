// A small cluster that changes at random, in every way that its zones can show.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "dns/address.h"
#include "zones/store.h"

namespace fairlead::test {

/// The same for the same seed. Addresses are few, so that objects share them.
class RandomCluster {
 public:
  explicit RandomCluster(uint32_t seed) : random_(seed) {
    for (int i = 0; i < 150; ++i) change();
    store_.set_synced();
    store_.set_imports_synced();
  }

  void change() {
    switch (below(14)) {
      case 0:
        return toggle_namespace();
      case 1:
        return erase(zones::Kind::Service, name("s", kServices));
      case 2:
        return erase(zones::Kind::EndpointSlice, name("e", kSlices));
      case 3:
        return put_import();
      case 4:
        return erase(zones::Kind::ServiceImport, name("s", kServices));
      case 5:
      case 6:
      case 7:
        return put_service();
      case 8:
        return put_pod();
      case 9:
        return erase(zones::Kind::Pod, name("p", kPods));
      default:
        return put_slice();
    }
  }

  [[nodiscard]] zones::SnapshotPtr snapshot(uint32_t serial) {
    return store_.freeze(1)->with_serial(serial);
  }
  [[nodiscard]] uint32_t below(uint32_t bound) { return random_() % bound; }

 private:
  static constexpr uint32_t kServices = 12, kSlices = 24, kNamespaces = 3, kPods = 12;

  [[nodiscard]] std::string name(const std::string& kind, uint32_t of) {
    return kind + std::to_string(below(of));
  }
  [[nodiscard]] zones::ObjectKey key(const std::string& kind, uint32_t of) {
    return {name("n", kNamespaces), name(kind, of)};
  }
  [[nodiscard]] dns::IpAddress address() {
    const std::string last = std::to_string(below(40));
    return *dns::IpAddress::from_text(below(5) == 0 ? "fd00::" + last : "10.0.0." + last);
  }

  void erase(zones::Kind kind, const std::string& called) {
    store_.erase(kind, {name("n", kNamespaces), called});
  }
  void toggle_namespace() {
    const std::string called = name("n", kNamespaces);
    if (below(3) == 0) {
      store_.erase(zones::Kind::Namespace, {"", called});
    } else {
      store_.put(zones::Namespace{called});
    }
  }
  [[nodiscard]] std::vector<zones::Port> ports() {
    std::vector<zones::Port> all{{"http", "TCP", 80}, {"", "UDP", 53}, {"sip", "UDP", 5060}};
    all.resize(below(4));
    return all;
  }
  void put_service() {
    using Type = zones::Service::Type;
    zones::Service service{.key = key("s", kServices)};
    service.type = static_cast<Type>(below(3));
    service.ports = ports();
    if (service.type == Type::ExternalName) service.external_name = name("h", 3) + ".example.com";
    if (service.type == Type::ClusterIp) service.cluster_ips = {address()};
    if (below(3) == 0) service.outside_ips = {address()};
    if (below(5) == 0) service.outside_names = {name("h", 3) + ".example.net"};
    store_.put(service);
  }
  void put_import() {
    zones::ServiceImport import{{.key = key("s", kServices)}};
    import.service.type = static_cast<zones::Service::Type>(below(2));
    import.service.ports = ports();
    if (below(2) == 0) import.service.cluster_ips = {address()};
    store_.put(import);
  }
  void put_pod() {
    zones::Pod pod{.key = key("p", kPods), .ips = {}, .labels = {}};
    for (uint32_t count = below(3); count > 0; --count) pod.ips.push_back(address());
    store_.put(pod);
  }
  void put_slice() {
    zones::EndpointSlice slice{.key = key("e", kSlices), .service_name = name("s", kServices)};
    if (below(4) == 0)
      slice.import_name = name("s", kServices), slice.source_cluster = name("c", 2);
    slice.ports = ports();
    const uint32_t count = below(5);
    const bool named = below(8) == 0;
    for (uint32_t i = 0; i < count; ++i) {
      zones::Endpoint endpoint;
      if (named) {
        endpoint.names = {name("h", 3) + ".example.org"};
      } else {
        endpoint.addresses = {address()};
      }
      if (below(3) == 0) endpoint.hostname = name("h", 4);
      if (below(3) != 0) endpoint.zone = name("Area.z", 3);
      slice.endpoints.push_back(endpoint);
    }
    store_.put(slice);
  }

  std::mt19937 random_;
  zones::Store store_{{}};
};

}  // namespace fairlead::test
