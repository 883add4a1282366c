#include "k8s-watch/decode_protobuf.h"

#include <algorithm>
#include <utility>

#include "dns/printable.h"
#include "k8s-watch/protobuf.h"
#include "k8s-watch/protobuf_metadata.h"

namespace fairlead::k8s_watch {
namespace {

using zones::Kind;

/// A name that may be empty.
std::string optional_name(const Message& message, const char* path, size_t max) {
  const std::string_view text = message.text();
  if (text.empty() || plausible_name(text, max)) return std::string(text);
  message.omit("name", path);
  return {};
}

void add_address(const Message& message, const char* path, auto& out) {
  const auto address = parse_address(message.text());
  if (!address) return message.omit("address", path);
  out.push_back(*address);
}

void add_name(const Message& message, const char* path, std::vector<std::string>& out) {
  if (!plausible_name(message.text(), kMaxExternalName)) return message.omit("name", path);
  out.emplace_back(message.text());
}

/// A ServicePort or an EndpointPort, which agree in these fields. Empty: nothing that DNS could say
/// of it.
std::optional<zones::Port> read_port(Message message) {
  zones::Port port;
  int64_t number = 0;
  bool fits = true;
  while (message.next()) {
    if (message.field() == 1) {
      port.name = optional_name(message, "ports.name", kMaxLabel);
      fits = fits && port.name == message.text();
    }
    if (message.field() == 2) port.protocol = optional_name(message, "ports.protocol", kMaxLabel);
    if (message.field() == 3) number = message.integer();
  }
  if (number < 0 || number > 65535) {
    message.omit("port", "ports.port");
    fits = false;
  }
  if (!fits) return std::nullopt;
  if (port.protocol.empty()) port.protocol = "TCP";
  port.number = static_cast<uint16_t>(number);
  if (port.number == 0 && port.name.empty()) return std::nullopt;
  return port;
}

/// Where the addresses of a service stand before it is known what they are.
struct ServiceTexts {
  std::string_view type, single, external_name;
  std::vector<std::string_view> ips;
};

void add_port(Message& spec, zones::Service& service) {
  auto port = read_port(spec.message("spec.ports"));
  if (!port || port->number == 0) return spec.omit("port", "spec.ports.port");
  service.ports.push_back(std::move(*port));
}

ServiceTexts read_spec(Message spec, bool outside, zones::Service& service) {
  ServiceTexts texts;
  while (spec.next()) {
    switch (spec.field()) {
      case 1:
        add_port(spec, service);
        break;
      case 3:
        texts.single = spec.text();
        break;
      case 4:
        texts.type = spec.text();
        break;
      case 5:
        if (outside) add_address(spec, "spec.externalIPs", service.outside_ips);
        break;
      case 10:
        texts.external_name = spec.text();
        break;
      case 18:
        texts.ips.push_back(spec.text());
        break;
      default:
        break;
    }
  }
  return texts;
}

void set_addresses(const ServiceTexts& texts, zones::Service& service, Rejection& rejection) {
  if (texts.type == "ExternalName") {
    service.type = zones::Service::Type::ExternalName;
    service.external_name = texts.external_name.substr(0, kMaxExternalName);
    if (texts.external_name.empty()) return rejection.set("missing", "spec.externalName");
    if (!plausible_name(texts.external_name, kMaxExternalName))
      rejection.set("name", "spec.externalName");
    return;
  }
  std::vector<std::string_view> ips = texts.ips;
  // Empty: the API server has not given it an address yet.
  if (ips.empty() && !texts.single.empty()) ips.push_back(texts.single);
  if (!ips.empty() && ips.front() == "None") {
    service.type = zones::Service::Type::Headless;
    return;
  }
  for (const std::string_view text : ips) {
    if (const auto address = parse_address(text)) {
      service.cluster_ips.push_back(*address);
    } else {
      rejection.omit("address", "spec.clusterIPs");
    }
  }
}

void read_ingress(Message ingress, zones::Service& service) {
  constexpr const char* kIp = "status.loadBalancer.ingress.ip";
  constexpr const char* kName = "status.loadBalancer.ingress.hostname";
  std::string_view ip, name;
  while (ingress.next()) {
    if (ingress.field() == 1) ip = ingress.text();
    if (ingress.field() == 2) name = ingress.text();
  }
  if (const auto found = parse_address(ip.empty() ? name : ip)) {
    service.outside_ips.push_back(*found);
  } else if (!ip.empty()) {
    ingress.omit("address", kIp);
  } else if (plausible_name(name, kMaxExternalName)) {
    service.outside_names.emplace_back(name);
  } else if (!name.empty()) {
    ingress.omit("name", kName);
  }
}

void read_status(Message status, zones::Service& service) {
  while (status.next()) {
    if (status.field() != 1) continue;
    Message balancer = status.message("status.loadBalancer");
    while (balancer.next()) {
      if (balancer.field() == 1)
        read_ingress(balancer.message("status.loadBalancer.ingress"), service);
    }
  }
}

zones::Service read_service(Message root, zones::ObjectKey key, bool outside,
                            Rejection& rejection) {
  zones::Service service;
  service.key = std::move(key);
  bool has_spec = false;
  while (root.next()) {
    if (root.field() == 3 && outside) read_status(root.message("status"), service);
    if (root.field() != 2) continue;
    has_spec = true;
    set_addresses(read_spec(root.message("spec"), outside, service), service, rejection);
  }
  if (!has_spec) rejection.set("missing", "spec");
  return service;
}

bool is_ready(Message conditions) {
  bool ready = true;
  while (conditions.next()) {
    if (conditions.field() == 1) ready = conditions.boolean();
  }
  return ready;
}

/// The name of a pod; of something else it is empty.
std::string pod_name(Message target) {
  std::string_view kind;
  std::string name;
  while (target.next()) {
    if (target.field() == 1) kind = target.text();
    if (target.field() == 3)
      name = optional_name(target, "endpoints.targetRef.name", kMaxObjectName);
  }
  return kind == "Pod" ? name : std::string();
}

/// Empty when it is not ready.
std::optional<zones::Endpoint> read_endpoint(Message message, bool names, bool zones) {
  zones::Endpoint endpoint;
  bool ready = true;
  while (message.next()) {
    switch (message.field()) {
      case 1:
        if (names) {
          add_name(message, "endpoints.addresses", endpoint.names);
        } else {
          add_address(message, "endpoints.addresses", endpoint.addresses);
        }
        break;
      case 2:
        ready = is_ready(message.message("endpoints.conditions"));
        break;
      case 3:
        endpoint.hostname = optional_name(message, "endpoints.hostname", kMaxLabel);
        break;
      case 4:
        endpoint.pod_name = pod_name(message.message("endpoints.targetRef"));
        break;
      case 7:
        if (zones) endpoint.zone = optional_name(message, "endpoints.zone", kMaxLabelValue);
        break;
      default:
        break;
    }
  }
  if (!ready) return std::nullopt;
  return endpoint;
}

/// The value of a label that names something, or empty.
std::string label_name(std::string_view value, size_t max, const char* path, Rejection& rejection) {
  if (value.empty() || plausible_name(value, max)) return std::string(value);
  rejection.omit("name", path);
  return {};
}

void read_labels(const ProtobufMetadata& meta, const Extras& extras, zones::EndpointSlice& slice,
                 Rejection& rejection) {
  if (!extras.only_imported)
    slice.service_name = label_name(meta.service, kMaxLabel,
                                    "metadata.labels.kubernetes.io/service-name", rejection);
  if (!extras.imports) return;
  slice.import_name = label_name(
      meta.import, kMaxLabel, "metadata.labels.multicluster.kubernetes.io/service-name", rejection);
  slice.source_cluster =
      label_name(meta.cluster, kMaxLabelValue,
                 "metadata.labels.multicluster.kubernetes.io/source-cluster", rejection);
}

zones::EndpointSlice read_slice(Message root, const ProtobufMetadata& meta, zones::ObjectKey key,
                                const Extras& extras, Rejection& rejection) {
  zones::EndpointSlice slice;
  slice.key = std::move(key);
  read_labels(meta, extras, slice, rejection);
  if (meta.manager == kSliceController) slice.last_change = parse_time(meta.last_change);
  bool names = false;  // in place of addresses
  size_t endpoints = 0;
  for (Message look = root; look.next();) {
    names = names || (look.field() == 4 && look.text() == "FQDN");
    endpoints += look.field() == 2 ? 1 : 0;
  }
  slice.endpoints.reserve(endpoints);
  while (root.next()) {
    if (root.field() == 2) {
      if (auto endpoint = read_endpoint(root.message("endpoints"), names, extras.zones))
        slice.endpoints.push_back(std::move(*endpoint));
    } else if (root.field() == 3) {
      if (auto port = read_port(root.message("ports"))) slice.ports.push_back(std::move(*port));
    }
  }
  return slice;
}

/// The pod's addresses; false when no name may lead to it any more.
bool read_pod_status(Message status, zones::Pod& pod) {
  std::string_view phase, single;
  while (status.next()) {
    if (status.field() == 1) phase = status.text();
    if (status.field() == 6) single = status.text();
    if (status.field() != 12) continue;
    Message ip = status.message("status.podIPs");
    while (ip.next()) {
      if (ip.field() == 1 && !ip.text().empty()) add_address(ip, "status.podIPs.ip", pod.ips);
    }
  }
  if (pod.ips.empty() && !single.empty()) {
    if (const auto address = parse_address(single)) {
      pod.ips.push_back(*address);
    } else {
      status.omit("address", "status.podIP");
    }
  }
  return !is_finished(phase);
}

void read_pod(Message root, const ProtobufMetadata& meta, bool labels, Decoded& decoded) {
  zones::Pod pod;
  pod.key = decoded.key;
  if (labels) pod.labels = pod_labels(root);
  decoded.gone = meta.deleting;
  while (root.next()) {
    if (root.field() != 3) continue;
    const bool lives = read_pod_status(root.message("status"), pod);
    decoded.gone = decoded.gone || !lives;
  }
  if (!decoded.gone) decoded.object = std::move(pod);
}

zones::ObjectKey read_key(Kind kind, const ProtobufMetadata& meta, Rejection& rejection) {
  const bool is_label = is_named_by_label(kind);
  if (!plausible_name(meta.name, is_label ? kMaxLabel : kMaxObjectName))
    rejection.set("name", "metadata.name");
  zones::ObjectKey key;
  key.name = dns::printable(meta.name, kMaxObjectName);
  if (kind == Kind::Namespace) return key;
  if (!plausible_name(meta.home, kMaxLabel)) rejection.set("name", "metadata.namespace");
  key.namespace_name = dns::printable(meta.home, kMaxObjectName);
  return key;
}

void read_rest(Kind kind, const Message& root, const ProtobufMetadata& meta, const Extras& extras,
               Decoded& decoded) {
  switch (kind) {
    case Kind::Service:
      decoded.object = read_service(root, decoded.key, extras.outside, decoded.rejection);
      return;
    case Kind::EndpointSlice:
      decoded.object = read_slice(root, meta, decoded.key, extras, decoded.rejection);
      return;
    case Kind::ServiceImport:  // a custom resource: the API server sends JSON only
      return decoded.rejection.set("type", "kind");
    case Kind::Pod:
      return read_pod(root, meta, extras.pod_labels, decoded);
    case Kind::Namespace:
      decoded.object = zones::Namespace{decoded.key.name};
  }
}

}  // namespace

bool read_event(std::string_view frame, ProtobufEvent& out) {
  Rejection rejection;
  Message event(frame, "event", rejection);
  while (event.next()) {
    if (event.field() == 1) out.type = event.text();
    if (event.field() != 2) continue;
    Message raw = event.message("object");
    while (raw.next()) {
      if (raw.field() == 1) out.object = raw.text();
    }
  }
  return rejection.reason.empty();
}

Decoded decode_protobuf_object(Kind kind, std::string_view enveloped, const Want& want) {
  Decoded result;
  Rejection& rejection = result.rejection;
  std::string_view type;
  const Message root(open_envelope(enveloped, type, rejection), "object", rejection);
  if (type != type_name(kind)) rejection.set("type", "kind");
  ProtobufMetadata meta;
  if (rejection.reason.empty() && !find_metadata(root, meta)) rejection.set("missing", "metadata");
  if (rejection.reason.empty()) {
    result.key = read_key(kind, meta, rejection);
    result.resource_version = meta.version;
    if (!want.metadata_only) read_rest(kind, root, meta, want.extras, result);
  }
  if (!rejection.reason.empty()) result.object.reset();
  return result;
}

Event decode_protobuf_bookmark(std::string_view enveloped) {
  Event event;
  event.type = Event::Type::Bookmark;
  Rejection rejection;
  std::string_view type;
  ProtobufMetadata meta;
  find_metadata(Message(open_envelope(enveloped, type, rejection), "object", rejection), meta);
  if (!rejection.reason.empty()) return event;
  event.resource_version = meta.version;
  event.initial_events_end = meta.initial_events_end;
  return event;
}

Status decode_protobuf_status(std::string_view enveloped) {
  Status status;
  Rejection rejection;
  std::string_view type;
  Message root(open_envelope(enveloped, type, rejection), "object", rejection);
  if (type != "Status") return status;
  while (root.next()) {
    if (root.field() == 3) status.message = dns::printable(root.text(), 500);
    if (root.field() == 4) status.reason = dns::printable(root.text(), 100);
    if (root.field() == 6)
      status.code = static_cast<int>(std::clamp<int64_t>(root.integer(), 0, 999));
    if (root.field() != 5) continue;
    Message details = root.message("details");
    while (details.next()) {
      if (details.field() != 5) continue;
      status.retry_after_seconds =
          static_cast<int>(std::clamp<int64_t>(details.integer(), 0, 3600));
    }
  }
  return status;
}

}  // namespace fairlead::k8s_watch
