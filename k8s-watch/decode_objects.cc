#include "k8s-watch/decode_objects.h"

#include <algorithm>
#include <utility>

#include "dns/printable.h"
#include "k8s-watch/fields.h"

namespace fairlead::k8s_watch {
namespace {

using dns::IpAddress;
using zones::Kind;

/// False, and that is noted, when the name cannot be one; it may be missing.
bool may_be_name(const Fields& fields, std::string_view key, size_t max) {
  const std::string_view text = fields.text(key);
  if (text.empty() || plausible_name(text, max)) return true;
  fields.omit("name", key);
  return false;
}

/// A name that may be missing.
std::string optional_name(const Fields& fields, std::string_view key, size_t max) {
  return may_be_name(fields, key, max) ? std::string(fields.text(key)) : std::string();
}

std::optional<IpAddress> address(const Fields& fields, std::string_view key,
                                 std::string_view text) {
  auto result = parse_address(text);
  if (!result) fields.omit("address", key);
  return result;
}

/// A slice's port without a number stands for all ports: it has a name to ask for, or nothing that
/// DNS could say of it.
std::optional<zones::Port> port(const Fields& fields) {
  const int64_t number = fields.integer("port").value_or(0);
  const bool fits = number >= 0 && number <= 65535;
  if (!fits) fields.omit("port", "port");
  if (!fits || !may_be_name(fields, "name", kMaxLabel)) return std::nullopt;
  zones::Port result;
  result.name = fields.text("name");
  result.protocol = optional_name(fields, "protocol", kMaxLabel);
  if (result.protocol.empty()) result.protocol = "TCP";
  result.number = static_cast<uint16_t>(number);
  if (result.number == 0 && result.name.empty()) return std::nullopt;
  return result;
}

void read_ports(const Fields& spec, zones::Service& service) {
  spec.each_object("ports", [&](const Fields& fields) {
    auto found = port(fields);
    if (!found || found->number == 0) return fields.omit("port", "port");
    service.ports.push_back(std::move(*found));
  });
}

/// spec.externalIPs and status.loadBalancer.ingress.
void read_outside(const Fields& root, const Fields& spec, zones::Service& service) {
  spec.each<std::string_view>("externalIPs", [&](std::string_view text) {
    if (const auto ip = address(spec, "externalIPs", text)) service.outside_ips.push_back(*ip);
  });
  const auto status = root.object("status");
  const auto balancer = status ? status->object("loadBalancer") : std::nullopt;
  if (!balancer) return;
  balancer->each_object("ingress", [&](const Fields& fields) {
    const std::string_view ip = fields.text("ip"), name = fields.text("hostname");
    if (const auto found = parse_address(ip.empty() ? name : ip)) {
      service.outside_ips.push_back(*found);
    } else if (!ip.empty()) {
      fields.omit("address", "ip");
    } else if (plausible_name(name, kMaxExternalName)) {
      service.outside_names.emplace_back(name);
    } else if (!name.empty()) {
      fields.omit("name", "hostname");
    }
  });
}

Object decode_import(const Fields& root, zones::ObjectKey key) {
  zones::ServiceImport import{{.key = std::move(key)}};
  zones::Service& service = import.service;
  const auto spec = root.object("spec");
  if (!spec) {
    root.reject("missing", "spec");
    return import;
  }
  read_ports(*spec, service);
  if (spec->text("type") == "Headless") {
    service.type = zones::Service::Type::Headless;
    return import;
  }
  spec->each<std::string_view>("ips", [&](std::string_view text) {
    if (const auto ip = address(*spec, "ips", text)) service.cluster_ips.push_back(*ip);
  });
  return import;
}

Object decode_service(const Fields& root, zones::ObjectKey key, bool outside) {
  zones::Service service;
  service.key = std::move(key);
  const auto spec = root.object("spec");
  if (!spec) {
    root.reject("missing", "spec");
    return service;
  }
  read_ports(*spec, service);
  if (outside) read_outside(root, *spec, service);
  if (spec->text("type") == "ExternalName") {
    service.type = zones::Service::Type::ExternalName;
    service.external_name = spec->text("externalName");
    if (service.external_name.empty()) spec->reject("missing", "externalName");
    if (!plausible_name(service.external_name, kMaxExternalName))
      spec->reject("name", "externalName");
    return service;
  }
  std::vector<std::string_view> texts;
  spec->each<std::string_view>("clusterIPs", [&](std::string_view text) { texts.push_back(text); });
  const std::string_view single = spec->text("clusterIP");
  // Empty: the API server has not given it an address yet.
  if (texts.empty() && !single.empty()) texts.push_back(single);
  if (!texts.empty() && texts.front() == "None") {
    service.type = zones::Service::Type::Headless;
    return service;
  }
  for (const std::string_view text : texts) {
    if (const auto ip = address(*spec, "clusterIPs", text)) service.cluster_ips.push_back(*ip);
  }
  return service;
}

/// One element of endpoints[]; empty when it is not ready.
std::optional<zones::Endpoint> endpoint(const Fields& fields, bool names, bool zones) {
  const auto conditions = fields.object("conditions");
  if (conditions && !conditions->boolean("ready").value_or(true)) return std::nullopt;
  zones::Endpoint result;
  fields.each<std::string_view>("addresses", [&](std::string_view text) {
    if (names && plausible_name(text, kMaxExternalName)) {
      result.names.emplace_back(text);
    } else if (names) {
      fields.omit("name", "addresses");
    } else if (const auto ip = address(fields, "addresses", text))
      result.addresses.push_back(*ip);
  });
  result.hostname = optional_name(fields, "hostname", kMaxLabel);
  const auto target = fields.object("targetRef");
  if (target && target->text("kind") == "Pod")
    result.pod_name = optional_name(*target, "name", kMaxObjectName);
  if (zones) result.zone = optional_name(fields, "zone", kMaxLabelValue);
  return result;
}

/// What the endpoint slice controller of Kubernetes noted of a slice it made; other controllers'
/// notes do not count.
void read_slice_metadata(const Fields& metadata, const Extras& extras,
                         zones::EndpointSlice& slice) {
  const auto labels = metadata.object("labels");
  if (!labels) return;
  if (!extras.only_imported) slice.service_name = optional_name(*labels, kServiceLabel, kMaxLabel);
  if (extras.imports) {
    slice.import_name = optional_name(*labels, kImportLabel, kMaxLabel);
    slice.source_cluster = optional_name(*labels, kClusterLabel, kMaxLabelValue);
  }
  if (labels->text(kManagerLabel) != kSliceController) return;
  const auto annotations = metadata.object("annotations");
  if (!annotations) return;
  slice.last_change = parse_time(annotations->text(kChangeAnnotation));
}

Object decode_slice(const Fields& root, const Fields& metadata, zones::ObjectKey key,
                    const Extras& extras) {
  zones::EndpointSlice slice;
  slice.key = std::move(key);
  read_slice_metadata(metadata, extras, slice);
  root.each_object("ports", [&](const Fields& fields) {
    if (auto found = port(fields)) slice.ports.push_back(std::move(*found));
  });
  const bool names = root.text("addressType") == "FQDN";
  root.each_object("endpoints", [&](const Fields& fields) {
    if (auto found = endpoint(fields, names, extras.zones))
      slice.endpoints.push_back(std::move(*found));
  });
  return slice;
}

/// Of labels what a client can be told by.
void read_labels(const Fields& metadata, zones::Pod& pod) {
  auto& labels = pod.labels.emplace();
  const auto found = metadata.find("labels");
  simdjson::dom::object object;
  if (!found || found->get(object) != simdjson::SUCCESS) return;
  for (const auto [key, value] : object) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS && plausible_label(key, text))
      labels.emplace_back(key, text);
  }
}

Object decode_pod(const Fields& root, const Fields& metadata, zones::ObjectKey key, bool labels) {
  zones::Pod pod;
  pod.key = std::move(key);
  if (labels) read_labels(metadata, pod);
  const auto status = root.object("status");
  if (!status) return pod;
  const auto add = [&](const Fields& fields, std::string_view field, std::string_view text) {
    if (text.empty()) return;
    if (const auto ip = address(fields, field, text)) pod.ips.push_back(*ip);
  };
  status->each_object("podIPs",
                      [&](const Fields& fields) { add(fields, "ip", fields.text("ip")); });
  if (pod.ips.empty()) add(*status, "podIP", status->text("podIP"));
  return pod;
}

/// A pod being deleted is left out, too.
bool is_gone(const Fields& root, const Fields& metadata) {
  if (metadata.find("deletionTimestamp")) return true;
  const auto status = root.object("status");
  const std::string_view phase = status ? status->text("phase") : std::string_view();
  return is_finished(phase);
}

/// Whose name it is; `name` limits follow the kind.
zones::ObjectKey read_key(Kind kind, const Fields& metadata, std::string_view default_namespace) {
  zones::ObjectKey key;
  const bool is_label = is_named_by_label(kind);
  const std::string_view name = metadata.text("name");
  if (!plausible_name(name, is_label ? kMaxLabel : kMaxObjectName)) metadata.reject("name", "name");
  key.name = dns::printable(name, kMaxObjectName);
  if (kind == Kind::Namespace) return key;
  std::string_view home = metadata.text("namespace");
  if (home.empty()) home = default_namespace;
  if (!plausible_name(home, kMaxLabel)) metadata.reject("name", "namespace");
  key.namespace_name = dns::printable(home, kMaxObjectName);
  return key;
}

Object decode_rest(Kind kind, const Fields& root, const Fields& metadata,
                   const zones::ObjectKey& key, const Extras& extras) {
  switch (kind) {
    case Kind::Service:
      return decode_service(root, key, extras.outside);
    case Kind::ServiceImport:
      return decode_import(root, key);
    case Kind::EndpointSlice:
      return decode_slice(root, metadata, key, extras);
    case Kind::Pod:
      return decode_pod(root, metadata, key, extras.pod_labels);
    case Kind::Namespace:
      break;
  }
  return zones::Namespace{key.name};
}

/// Reads the fixed-width number at the front of `text` and takes it off; -1 when there is none.
int take_number(std::string_view& text, size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take_char(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// ".25" as nanoseconds; nothing there is 0.
std::chrono::nanoseconds take_fraction(std::string_view& text) {
  if (!take_char(text, ".")) return {};
  int64_t value = 0;
  int64_t unit = 1'000'000'000;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    unit /= 10;
    value += unit * (text.front() - '0');
    text.remove_prefix(1);
  }
  return std::chrono::nanoseconds(value);
}

/// "Z" or "+02:00"; empty when it is neither.
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (take_char(text, "Zz")) return std::chrono::minutes(0);
  const int sign = text.starts_with('-') ? -1 : 1;
  if (!take_char(text, "+-")) return std::nullopt;
  const int hours = take_number(text, 2);
  if (!take_char(text, ":")) return std::nullopt;
  const int minutes = take_number(text, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return std::chrono::minutes(sign * (hours * 60 + minutes));
}

}  // namespace

const char* type_name(Kind kind) {
  switch (kind) {
    case Kind::Namespace:
      return "Namespace";
    case Kind::Service:
      return "Service";
    case Kind::EndpointSlice:
      return "EndpointSlice";
    case Kind::ServiceImport:
      return "ServiceImport";
    case Kind::Pod:
      break;
  }
  return "Pod";
}

Decoded decode_object(Kind kind, simdjson::dom::element json, const Want& want,
                      std::string_view default_namespace) {
  Decoded result;
  Rejection& rejection = result.rejection;
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS) {
    rejection.set("type", "object");
    return result;
  }
  const Fields root(object, "", rejection);
  // Items of a list do not say what they are: the list does.
  const std::string_view type = root.text("kind");
  if (!type.empty() && type != type_name(kind)) rejection.set("type", "kind");
  const auto metadata = root.object("metadata");
  if (!metadata) {
    rejection.set("missing", "metadata");
    return result;
  }
  result.key = read_key(kind, *metadata, default_namespace);
  result.resource_version = metadata->text("resourceVersion");
  if (want.metadata_only) return result;
  result.gone = kind == Kind::Pod && is_gone(root, *metadata);
  if (!result.gone) result.object = decode_rest(kind, root, *metadata, result.key, want.extras);
  if (!rejection.reason.empty()) result.object.reset();
  return result;
}

std::optional<Skip> skip_of(const Decoded& decoded) {
  constexpr size_t kLongest = 200;
  const Rejection& of = decoded.rejection;
  if (!of.reason.empty())
    return Skip{decoded.key, of.reason, dns::printable(of.detail, kLongest),
                decoded.resource_version};
  if (of.omitted_reason.empty()) return std::nullopt;
  return Skip{decoded.key, of.omitted_reason, dns::printable(of.omitted, kLongest), {}, false};
}

Status decode_status_object(simdjson::dom::element json) {
  Status status;
  Rejection ignored;
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS) return status;
  const Fields root(object, "", ignored);
  status.code = static_cast<int>(std::clamp<int64_t>(root.integer("code").value_or(0), 0, 999));
  status.reason = dns::printable(root.text("reason"), 100);
  status.message = dns::printable(root.text("message"), 500);
  if (const auto details = root.object("details")) {
    const int64_t seconds = details->integer("retryAfterSeconds").value_or(0);
    status.retry_after_seconds = static_cast<int>(std::clamp<int64_t>(seconds, 0, 3600));
  }
  return status;
}

std::optional<std::chrono::system_clock::time_point> parse_time(std::string_view text) {
  using namespace std::chrono;
  const int y = take_number(text, 4);
  if (!take_char(text, "-")) return std::nullopt;
  const int m = take_number(text, 2);
  if (!take_char(text, "-")) return std::nullopt;
  const int d = take_number(text, 2);
  if (!take_char(text, "Tt")) return std::nullopt;
  const int hour = take_number(text, 2);
  if (!take_char(text, ":")) return std::nullopt;
  const int minute = take_number(text, 2);
  if (!take_char(text, ":")) return std::nullopt;
  const int second = take_number(text, 2);
  const nanoseconds fraction = take_fraction(text);
  const auto offset = take_offset(text);
  // The bounds of a signed 64-bit count of nanoseconds.
  if (y < 1678 || y > 2261 || m < 0 || d < 0 || !offset || !text.empty()) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  const year_month_day date{year(y), month(static_cast<unsigned>(m)),
                            day(static_cast<unsigned>(d))};
  if (!date.ok()) return std::nullopt;
  return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + fraction - *offset;
}

}  // namespace fairlead::k8s_watch
