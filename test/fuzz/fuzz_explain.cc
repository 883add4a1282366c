// What an API server and a server's /metrics say to whoever explains: any octets.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "explain/search_list.h"
#include "explain/server_health.h"
#include "k8s-watch/object_query.h"

using namespace fairlead;

namespace {

void must_be_line(const std::string& text) {
  if (text.find_first_of("\r\n\x1b") != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto& service : k8s_watch::read_services(text)) must_be_line(service.selector_text());
  for (const auto& slice : k8s_watch::read_slices(text)) {
    must_be_line(slice.name);
    for (const auto& endpoint : slice.endpoints) must_be_line(endpoint.addresses);
  }
  for (const auto& pod : k8s_watch::read_pods(text)) {
    const auto resolver = explain::resolver_of_pod(pod, "cluster.local.");
    must_be_line(resolver.policy);
    if (explain::names_tried("web", resolver).size() > 36) std::abort();
  }
  k8s_watch::read_config_value(text, "Corefile");
  for (const auto& line : explain::health_lines(explain::read_upstreams(text), ""))
    must_be_line(line);
  return 0;
}
