#include "plugins/kubernetes/explain_objects.h"

#include <algorithm>
#include <vector>

#include "dns/name.h"
#include "zones/trace.h"

namespace fairlead::plugins::kubernetes {
namespace {

using zones::Place;

constexpr size_t kMostLines = 16;
constexpr size_t kMostNames = 8;

std::string text_of(const zones::ObjectKey& key) {
  return key.namespace_name + "/" + key.name;
}

// "10.244.1.7 (hostname db-0, Pod shop/db-0)"
std::string endpoint_text(const zones::EndpointSlice& slice, const zones::Endpoint& endpoint,
                          const dns::IpAddress& address) {
  std::string about;
  if (!endpoint.hostname.empty()) about += "hostname " + endpoint.hostname;
  if (!endpoint.pod_name.empty()) {
    about += (about.empty() ? "" : ", ") + std::string("Pod ") + slice.key.namespace_name + "/" +
             endpoint.pod_name;
  }
  return address.to_text() + (about.empty() ? "" : " (" + about + ")");
}

// Lines up to a bound, and how many were left out.
class Bounded {
 public:
  explicit Bounded(query::Telling& lines) : lines_(lines) {}
  void add(const std::string& text) {
    if (count_++ < kMostLines) lines_.add("from", text);
  }
  ~Bounded() {
    if (count_ > kMostLines) lines_.add("", "and " + std::to_string(count_ - kMostLines) + " more");
  }
  Bounded(const Bounded&) = delete;
  Bounded& operator=(const Bounded&) = delete;

 private:
  query::Telling& lines_;
  size_t count_ = 0;
};

// Every slice that has `address`; of one service when `record`, a part of it, is not null.
void tell_address(const ClusterView& view, const dns::IpAddress& address,
                  const zones::SliceRecord* record, Bounded& out) {
  for (const auto& [key, slice] : view.objects.slices) {
    const bool imported = record != nullptr && record->is_imported();
    const std::string& of = imported ? slice.import_name : slice.service_name;
    const bool other = record != nullptr && (of != record->service->name ||
                                             key.namespace_name != record->service->namespace_name);
    if (other || of.empty()) continue;
    for (const zones::Endpoint& endpoint : slice.endpoints) {
      if (std::ranges::find(endpoint.addresses, address) == endpoint.addresses.end()) continue;
      out.add("EndpointSlice " + text_of(key) + ": " + endpoint_text(slice, endpoint, address));
    }
  }
}

void tell_endpoints(const ClusterView& view, const Place& place, query::Telling& lines) {
  Bounded out(lines);
  std::vector<dns::IpAddress> told;
  zones::for_each_endpoint(
      place, [&](const zones::SliceRecord& slice, const zones::EndpointRecord& endpoint, size_t) {
        const dns::IpAddress address = slice.address(endpoint);
        if (std::ranges::find(told, address) != told.end()) return true;
        told.push_back(address);
        tell_address(view, address, &slice, out);
        return told.size() <= kMostLines * 4;
      });
}

void tell_named_endpoints(const Place& place, query::Telling& lines) {
  Bounded out(lines);
  zones::for_each_named_endpoint(
      place, [&](const zones::SliceRecord&, const zones::NamedEndpoint& endpoint, size_t) {
        out.add("an EndpointSlice of names: " + dns::to_text(zones::wire_name(endpoint.target)));
        return true;
      });
}

void tell_reverse(const ClusterView& view, const Place& place, query::Telling& lines) {
  Bounded out(lines);
  bool cluster_ip = false;
  view.snapshot->services_at(place.address, [&](const zones::ServiceRecord& service) {
    cluster_ip = true;
    out.add("Service " + service.id->namespace_name + "/" + service.id->name + ": cluster IP " +
            place.address.to_text());
  });
  if (!cluster_ip) tell_address(view, place.address, nullptr, out);
}

void tell_pod(const Config& config, const ClusterView& view, const Place& place,
              query::Telling& lines) {
  if (config.zone.pods == zones::PodMode::Insecure)
    return lines.add("from", "the address in the name: with pods insecure no Pod is looked at");
  for (const auto& [key, pod] : view.objects.pods) {
    if (std::ranges::find(pod.ips, place.address) != pod.ips.end())
      lines.add("from", "Pod " + text_of(key) + ": " + place.address.to_text());
  }
}

// Names that are shown in a hint, and how many there are besides.
std::string some(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMostNames); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMostNames)
    text += " and " + std::to_string(names.size() - kMostNames) + " more";
  return text;
}

std::vector<std::string> namespaces_with(const ClusterView& view, const std::string& service) {
  std::vector<std::string> found;
  for (const zones::ObjectKey& key : view.objects.services) {
    if (key.name == service) found.push_back(key.namespace_name);
  }
  return found;
}

std::string primary_zone(const Config& config) {
  const zones::ClusterZone& zone = config.zone;
  return zone.primary < zone.zones.size() ? dns::to_text(zone.zones[zone.primary].view()) : ".";
}

void hint_selectors(const Config& config, query::Telling& lines) {
  if (!config.watch.namespace_labels.empty())
    lines.add("hint", "only namespaces with the labels '" + config.watch.namespace_labels +
                          "' are served (option namespace_labels)");
  if (!config.watch.labels.empty())
    lines.add("hint", "only objects with the labels '" + config.watch.labels +
                          "' are served (option labels)");
}

// What a resolver with a search list makes of a name stands in front of NAMESPACE.svc.ZONE.
void hint_searched(const dns::Query& query, size_t in_front, query::Telling& lines) {
  if (in_front < 3) return;
  std::string name;
  for (size_t i = 0; i + 1 < in_front; ++i)
    name += (i == 0 ? "" : ".") + zones::label_text(query.label(i));
  lines.add("hint", "pods ask for this when they want '" + name +
                        "', because of their search list, and go on to the next suffix; a final "
                        "dot saves that");
}

}  // namespace

void tell_objects(const Config& config, const ClusterView& view, const Place& place,
                  query::Telling& lines) {
  if (place.kind == Place::Kind::Reverse) return tell_reverse(view, place, lines);
  if (place.kind == Place::Kind::Pod) return tell_pod(config, view, place, lines);
  lines.add("from", zones::describe(place));
  if (place.kind != Place::Kind::Service) return;
  const zones::ServiceRecord& service = *place.service;
  if (service.type == zones::Service::Type::ExternalName) return;
  if (place.by_endpoint()) {
    tell_endpoints(view, place, lines);
    return tell_named_endpoints(place, lines);
  }
  if (!service.has_endpoints())
    tell_empty_service(config, view, {service.id->namespace_name, service.id->name}, lines);
}

void tell_empty_service(const Config& config, const ClusterView& view,
                        const zones::ObjectKey& service, query::Telling& lines) {
  if (!config.watch.endpoint_slices)
    return lines.add("hint", "the option noendpoints keeps all endpoints out");
  bool any = false;
  for (const auto& [key, slice] : view.objects.slices) {
    if (key.namespace_name != service.namespace_name || slice.service_name != service.name)
      continue;
    any = true;
    if (slice.endpoints.empty())
      lines.add("hint", "EndpointSlice " + text_of(key) + " has no ready endpoint");
  }
  if (!any)
    lines.add("hint", "Service " + text_of(service) +
                          " has no EndpointSlice: does its selector match any pod?");
}

void tell_missing(const Config& config, const ClusterView& view, const dns::Query& query,
                  const dns::Name& zone, query::Telling& lines) {
  lines.add("because", zones::why_missing(config.zone, *view.snapshot, query, zone));
  const size_t labels = query.label_count - dns::label_count(zone.view());
  const bool service_name = labels >= 3 && query.label(labels - 1) == "svc";
  if (!service_name) return;
  const std::string space(query.label(labels - 2));
  const std::string name(query.label(labels - 3));
  const zones::ServiceRecord* service = view.snapshot->service(space, name);
  if (service != nullptr) {
    if (service->type != zones::Service::Type::ExternalName && !service->has_endpoints())
      tell_empty_service(config, view, {space, name}, lines);
    return;
  }
  hint_selectors(config, lines);
  const auto others = namespaces_with(view, name);
  if (!others.empty()) lines.add("hint", "service '" + name + "' exists in: " + some(others));
  if (config.zone.exposes(*view.snapshot, space)) hint_searched(query, labels - 1, lines);
}

bool may_be_short_name(const std::string& text) {
  return !text.empty() && !text.ends_with('.') && std::ranges::count(text, '.') <= 1;
}

void tell_search_list(const Config& config, const ClusterView& view, const std::string& text,
                      query::Telling& lines) {
  const std::string lower = dns::lowered(text);
  const size_t dot = lower.find('.');
  const std::string name = lower.substr(0, dot);
  const std::string behind = ".svc." + primary_zone(config);
  std::vector<std::string> found;
  for (const std::string& space : namespaces_with(view, name)) {
    if (dot != std::string::npos && lower.substr(dot + 1) != space) continue;
    found.push_back(name);
    found.back().append(".").append(space).append(behind);
  }
  lines.hint("hint",
             "this is the name as it stands; pods append their search list first: NAMESPACE" +
                 behind + " and so on");
  if (!found.empty()) lines.hint("hint", "names of services that it may become: " + some(found));
}

}  // namespace fairlead::plugins::kubernetes
