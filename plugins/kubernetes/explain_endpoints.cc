#include "plugins/kubernetes/explain_endpoints.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "corefile/directives.h"
#include "dns/name.h"
#include "k8s-watch/object_query.h"
#include "plugins/kubernetes/explain_text.h"

namespace fairlead::plugins::kubernetes {
namespace {

using k8s_watch::EndpointDetails;
using k8s_watch::ObjectQuery;
using k8s_watch::PodDetails;
using k8s_watch::Resource;
using k8s_watch::ServiceDetails;
using k8s_watch::SliceDetails;

constexpr const char* kServiceLabel = "kubernetes.io/service-name=";

std::string counted(size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

// The answer to a question about single objects; none when nobody can be asked, or refuses.
std::optional<std::string> json_of(const ClusterView& view, const ObjectQuery& query) {
  if (!view.details) return std::nullopt;
  k8s_watch::ObjectList list = view.details(query);
  if (!list.trouble.empty()) return std::nullopt;
  return std::move(list.json);
}

std::optional<ServiceDetails> service_of(const ClusterView& view, const zones::ObjectKey& service) {
  const auto json = json_of(view, {.resource = Resource::Service,
                                   .namespace_name = service.namespace_name,
                                   .name = service.name,
                                   .labels = {}});
  const auto found = json ? k8s_watch::read_services(*json) : std::vector<ServiceDetails>();
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::optional<std::vector<SliceDetails>> slices_of(const ClusterView& view,
                                                   const zones::ObjectKey& service) {
  const auto json = json_of(view, {.resource = Resource::EndpointSlice,
                                   .namespace_name = service.namespace_name,
                                   .name = {},
                                   .labels = kServiceLabel + service.name});
  if (!json) return std::nullopt;
  return k8s_watch::read_slices(*json);
}

std::optional<std::vector<PodDetails>> pods_of(const ClusterView& view, const std::string& space,
                                               const std::string& labels) {
  const auto json = json_of(
      view, {.resource = Resource::Pod, .namespace_name = space, .name = {}, .labels = labels});
  if (!json) return std::nullopt;
  return k8s_watch::read_pods(*json);
}

// "pod nc/db-0 (10.244.0.19)"
std::string endpoint_text(const std::string& space, const EndpointDetails& endpoint) {
  std::string text = endpoint.addresses;
  if (!endpoint.pod_name.empty()) {
    text = "pod " + space + "/" + endpoint.pod_name;
    if (!endpoint.addresses.empty()) text += " (" + endpoint.addresses + ")";
  }
  return text + (endpoint.terminating ? ", which is being deleted" : "");
}

std::string endpoints_text(const std::string& space,
                           const std::vector<EndpointDetails>& endpoints) {
  std::vector<std::string> texts;
  texts.reserve(endpoints.size());
  for (const EndpointDetails& endpoint : endpoints) texts.push_back(endpoint_text(space, endpoint));
  return some_of(texts);
}

// What the watch has seen, which keeps ready endpoints alone.
void tell_from_inventory(const ClusterView& view, const zones::ObjectKey& service,
                         query::Telling& lines) {
  bool any = false;
  for (const auto& [key, slice] : view.objects.slices) {
    if (key.namespace_name != service.namespace_name || slice.service_name != service.name)
      continue;
    any = true;
    if (slice.endpoints.empty())
      lines.add("hint", "EndpointSlice " + text_of(key) + " has no ready endpoint");
  }
  if (!any) {
    lines.add("hint", "Service " + text_of(service) +
                          " has no EndpointSlice: does its selector match any pod?");
  }
}

// A label that pods of the namespace have and that is near to one of the selector: "app=api".
std::string near_label(const ClusterView& view, const std::string& space,
                       const ServiceDetails& service) {
  for (const auto& [key, value] : service.selector) {
    const auto pods = pods_of(view, space, key);
    if (!pods) return {};
    std::vector<std::string_view> values;
    for (const PodDetails& pod : *pods) {
      const auto label = pod.labels.find(key);
      if (label != pod.labels.end()) values.emplace_back(label->second);
    }
    const std::string_view near = corefile::nearest_name(values, value);
    if (!near.empty() && near != value) return key + "=" + std::string(near);
  }
  return {};
}

std::string pods_text(const std::vector<PodDetails>& pods) {
  std::vector<std::string> texts;
  texts.reserve(pods.size());
  for (const PodDetails& pod : pods)
    texts.push_back(text_of(pod.key) + (pod.phase.empty() ? "" : " (" + pod.phase + ")"));
  return some_of(texts);
}

// "the slice shop/api-x7k2p is empty"
std::string empty_text(const zones::ObjectKey& service, const std::vector<SliceDetails>& slices) {
  if (slices.empty()) return "Service " + text_of(service) + " has no EndpointSlice";
  if (slices.size() > 1) return "its " + std::to_string(slices.size()) + " slices are empty";
  return "the slice " + service.namespace_name + "/" + slices.front().name + " is empty";
}

// Nobody has put endpoints into `slices`.
void tell_selector(const ClusterView& view, const zones::ObjectKey& key,
                   const std::vector<SliceDetails>& slices, query::Telling& lines) {
  const std::string empty = empty_text(key, slices) + ": ";
  const auto service = service_of(view, key);
  if (!service) return lines.add("hint", empty + "does the Service's selector match any pod?");
  if (service->selector.empty()) {
    return lines.add("hint", empty +
                                 "the Service has no selector, so whoever made it has to give it "
                                 "endpoints");
  }
  const std::string selector = "selector " + service->selector_text();
  const auto pods = pods_of(view, key.namespace_name, service->selector_text());
  if (!pods) return lines.add("hint", empty + "does any pod match " + selector + "?");
  if (!pods->empty()) {
    const std::string match = pods->size() == 1 ? " matches " : " match ";
    return lines.add("hint", empty + counted(pods->size(), "pod") + match + selector +
                                 ", and none has an address to publish: " + pods_text(*pods));
  }
  lines.add("hint", empty + "no pod matches " + selector);
  const std::string near = near_label(view, key.namespace_name, *service);
  if (!near.empty()) lines.add("", "there are pods with the label " + near + ": is that meant?");
}

void tell_unready(const ClusterView& view, const zones::ObjectKey& key,
                  const std::vector<SliceDetails>& slices, query::Telling& lines) {
  for (const SliceDetails& slice : slices) {
    if (slice.endpoints.empty()) continue;
    lines.add("hint", "EndpointSlice " + key.namespace_name + "/" + slice.name + ": " +
                          counted(slice.endpoints.size(), "endpoint") +
                          ", none ready: " + endpoints_text(key.namespace_name, slice.endpoints));
  }
  const zones::ServiceRecord* record = view.snapshot->service(key.namespace_name, key.name);
  if (record == nullptr || record->type != zones::Service::Type::Headless) return;
  const auto service = service_of(view, key);
  if (service && !service->publish_not_ready)
    lines.add("", "publishNotReadyAddresses: true in the Service would publish them all the same");
}

std::string label_of(const EndpointDetails& endpoint) {
  if (!endpoint.hostname.empty()) return dns::lowered(endpoint.hostname);
  std::string label = dns::lowered(endpoint.addresses);
  std::ranges::replace_if(
      label, [](char c) { return c == '.' || c == ':'; }, '-');
  return label;
}

}  // namespace

void tell_empty_service(const Config& config, const ClusterView& view,
                        const zones::ObjectKey& service, query::Telling& lines) {
  if (!config.watch.endpoint_slices)
    return lines.add("hint", "the option noendpoints keeps all endpoints out");
  if (!view.knows(zones::Kind::EndpointSlice))
    return lines.add("hint",
                     "endpointslices have not been read: whether it has endpoints is not "
                     "known here");
  const auto slices = slices_of(view, service);
  if (!slices) return tell_from_inventory(view, service, lines);
  const bool any = std::ranges::any_of(
      *slices, [](const SliceDetails& slice) { return !slice.endpoints.empty(); });
  if (any) return tell_unready(view, service, *slices, lines);
  tell_selector(view, service, *slices, lines);
}

void tell_unready_endpoint(const ClusterView& view, const zones::ObjectKey& service,
                           const std::string& label, query::Telling& lines) {
  const auto slices = slices_of(view, service);
  if (!slices) return;
  for (const SliceDetails& slice : *slices) {
    for (const EndpointDetails& endpoint : slice.endpoints) {
      const bool meant = label_of(endpoint) == label || endpoint.pod_name == label;
      if (!meant || endpoint.ready) continue;
      return lines.add("hint",
                       "it is in EndpointSlice " + service.namespace_name + "/" + slice.name +
                           ", and not ready: " + endpoint_text(service.namespace_name, endpoint));
    }
  }
}

void tell_published_unready(const ClusterView& view, const zones::ObjectKey& key,
                            query::Telling& lines) {
  const auto service = service_of(view, key);
  if (!service || !service->publish_not_ready) return;
  const auto slices = slices_of(view, key);
  if (!slices) return;
  std::vector<EndpointDetails> unready;
  for (const SliceDetails& slice : *slices) {
    std::ranges::copy_if(
        slice.endpoints, std::back_inserter(unready),
        [](const EndpointDetails& endpoint) { return endpoint.ready && !endpoint.serving; });
  }
  if (unready.empty()) return;
  lines.add("hint", "not ready, and published because of publishNotReadyAddresses: " +
                        endpoints_text(key.namespace_name, unready));
}

}  // namespace fairlead::plugins::kubernetes
