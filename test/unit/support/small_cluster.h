// The cluster that the protocol tests ask about.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "zones/store.h"

namespace fairlead::test {

inline dns::IpAddress address(uint8_t b, uint8_t c, uint8_t d) {
  return dns::IpAddress(std::array<uint8_t, 4>{10, b, c, d});
}

inline zones::Service service(const std::string& name, zones::Service::Type type) {
  zones::Service out;
  out.key = {"default", name};
  out.type = type;
  out.ports.push_back({"http", "TCP", 80});
  return out;
}

/// A headless service with `count` endpoints.
inline void add_headless(zones::Store& store, const std::string& name, int count) {
  store.put(service(name, zones::Service::Type::Headless));
  zones::EndpointSlice slice;
  slice.key = {"default", name + "-1"};
  slice.service_name = name;
  slice.ports.push_back({"http", "TCP", 80});
  for (int i = 0; i < count; ++i) {
    zones::Endpoint endpoint;
    endpoint.addresses.push_back(address(1, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)));
    slice.endpoints.push_back(endpoint);
  }
  store.put(slice);
}

/// One namespace, a service of each size.
inline std::shared_ptr<const zones::Snapshot> small_cluster() {
  zones::Store store({});
  store.put(zones::Namespace{"default"});
  zones::Service web = service("web", zones::Service::Type::ClusterIp);
  web.cluster_ips.push_back(address(0, 0, 1));
  store.put(web);
  add_headless(store, "many", 200);   // more than any datagram holds
  add_headless(store, "huge", 5000);  // more than any message holds
  store.set_synced();
  return store.freeze(1'700'000'000);
}

}  // namespace fairlead::test
