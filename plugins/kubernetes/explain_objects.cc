#include "plugins/kubernetes/explain_objects.h"

#include <algorithm>
#include <vector>

#include "dns/name.h"
#include "plugins/kubernetes/explain_endpoints.h"
#include "plugins/kubernetes/explain_hints.h"
#include "plugins/kubernetes/explain_text.h"
#include "zones/trace.h"

namespace fairlead::plugins::kubernetes {
namespace {

using zones::Place;

constexpr size_t kMostLines = 16;

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
  zones::for_each_endpoint(place, [&](const zones::SliceRecord& slice, size_t endpoint, size_t) {
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
  const zones::ObjectKey key{service.id->namespace_name, service.id->name};
  if (place.by_endpoint()) {
    tell_endpoints(view, place, lines);
    tell_named_endpoints(place, lines);
    return tell_published_unready(view, key, lines);
  }
  if (!service.has_endpoints()) tell_empty_service(config, view, key, lines);
}

void tell_missing(const Config& config, const ClusterView& view, const dns::Query& query,
                  const dns::Name& zone, query::Telling& lines) {
  lines.add("because", zones::why_missing(config.zone, *view.snapshot, query, zone));
  if (dns::is_reverse_name(query.lower_qname.view())) return;
  const size_t labels = query.label_count - dns::label_count(zone.view());
  const bool service_name = labels >= 3 && query.label(labels - 1) == "svc";
  if (!service_name) return tell_near_names(config, view, query, zone, lines);
  const std::string space(query.label(labels - 2));
  const std::string name(query.label(labels - 3));
  const bool exposed = config.zone.exposes(*view.snapshot, space);
  const zones::ServiceRecord* service = exposed ? view.snapshot->service(space, name) : nullptr;
  if (service == nullptr) {
    hint_selectors(config, lines);
    tell_near_names(config, view, query, zone, lines);
    if (exposed) hint_searched(query, labels - 1, lines);
    return;
  }
  if (service->type == zones::Service::Type::ExternalName) return;
  if (!service->has_endpoints()) return tell_empty_service(config, view, {space, name}, lines);
  if (labels == 4) tell_unready_endpoint(view, {space, name}, std::string(query.label(0)), lines);
}

}  // namespace fairlead::plugins::kubernetes
