// The part of object_query.h that reads objects, and finds them in manifests.
#include <simdjson.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "dns/printable.h"
#include "k8s-watch/fields.h"
#include "k8s-watch/label_selector.h"
#include "k8s-watch/object_query.h"
#include "k8s-watch/yaml_json.h"

namespace fairlead::k8s_watch {
namespace {

using simdjson::dom::element;

constexpr int kDeepestList = 4;
constexpr size_t kMostTexts = 32;  // of a pod's search list
constexpr int kMostNdots = 1000;

std::string short_text(std::string_view text) {
  return dns::printable(text, kMaxObjectName);
}

std::map<std::string, std::string> read_map(const std::optional<Fields>& parent,
                                            std::string_view key) {
  std::map<std::string, std::string> map;
  const auto found = parent ? parent->find(key) : std::nullopt;
  simdjson::dom::object object;
  if (!found || found->get(object) != simdjson::SUCCESS) return map;
  for (const auto [name, value] : object) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) map.emplace(short_text(name), short_text(text));
  }
  return map;
}

std::vector<std::string> read_texts(const Fields& parent, std::string_view key) {
  std::vector<std::string> texts;
  parent.each<std::string_view>(key, [&](std::string_view text) {
    if (texts.size() < kMostTexts) texts.push_back(short_text(text));
  });
  return texts;
}

// Calls `take(fields)` for each item of a list.
template <typename Take>
void each_item(const std::string& json, Take take) {
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  if (parser.parse(json).get(root) != simdjson::SUCCESS) return;
  Rejection ignored;
  Fields(root, "", ignored).each_object("items", take);
}

EndpointDetails read_endpoint(const Fields& fields) {
  EndpointDetails endpoint;
  for (const std::string& text : read_texts(fields, "addresses"))
    endpoint.addresses += (endpoint.addresses.empty() ? "" : ", ") + text;
  endpoint.hostname = short_text(fields.text("hostname"));
  const auto target = fields.object("targetRef");
  if (target && target->text("kind") == "Pod") endpoint.pod_name = short_text(target->text("name"));
  if (const auto conditions = fields.object("conditions")) {
    endpoint.ready = conditions->boolean("ready").value_or(true);
    endpoint.serving = conditions->boolean("serving").value_or(endpoint.ready);
    endpoint.terminating = conditions->boolean("terminating").value_or(false);
  }
  return endpoint;
}

// "ndots" of dnsConfig.options.
std::optional<int> read_ndots(const Fields& config) {
  std::optional<int> ndots;
  config.each_object("options", [&](const Fields& option) {
    if (option.text("name") != "ndots") return;
    int value = 0;
    bool digits = !option.text("value").empty();
    for (const char c : option.text("value")) {
      digits = digits && c >= '0' && c <= '9';
      if (digits) value = std::min(value * 10 + (c - '0'), kMostNdots);
    }
    if (digits) ndots = value;
  });
  return ndots;
}

void read_pod_spec(const Fields& spec, PodDetails& pod) {
  pod.dns_policy = short_text(spec.text("dnsPolicy"));
  pod.host_network = spec.boolean("hostNetwork").value_or(false);
  const auto config = spec.object("dnsConfig");
  if (!config) return;
  pod.nameservers = read_texts(*config, "nameservers");
  pod.searches = read_texts(*config, "searches");
  pod.ndots = read_ndots(*config);
}

const char* kind_name(Resource resource) {
  switch (resource) {
    case Resource::Service:
      return "Service";
    case Resource::EndpointSlice:
      return "EndpointSlice";
    case Resource::Pod:
      return "Pod";
    case Resource::ConfigMap:
      break;
  }
  return "ConfigMap";
}

// The objects of manifests that a query asks for, as a list.
class Finder {
 public:
  explicit Finder(const ObjectQuery& query)
      : query_(query), labels_(LabelSelector::parse(query.labels)) {}

  void look_through(const ManifestFile& file) {
    for (const YamlDocument& document : split_documents(file.text)) {
      element json;
      if (parser_.parse(document.text).get(json) != simdjson::SUCCESS &&
          parser_.parse(yaml_to_json(document.text)).get(json) != simdjson::SUCCESS)
        continue;
      take(json, {}, 0);
    }
  }

  std::string list() && { return "{\"items\":[" + items_ + "]}"; }

 private:
  void take(element json, const std::string& list_kind, int depth) {
    simdjson::dom::object object;
    if (depth > kDeepestList || json.get(object) != simdjson::SUCCESS) return;
    Rejection ignored;
    const Fields fields(object, "", ignored);
    const std::string kind(fields.text("kind").empty() ? list_kind : fields.text("kind"));
    if (kind.ends_with("List") && fields.find("items")) {
      fields.each<element>(
          "items", [&](element item) { take(item, kind.substr(0, kind.size() - 4), depth + 1); });
    } else if (kind == kind_name(query_.resource) && wanted(fields)) {
      items_.append(items_.empty() ? "" : ",").append(simdjson::minify(json));
    }
  }

  [[nodiscard]] bool wanted(const Fields& fields) const {
    const auto metadata = fields.object("metadata");
    if (!metadata) return false;
    const std::string_view home = metadata->text("namespace");
    if ((home.empty() ? "default" : home) != query_.namespace_name) return false;
    if (!query_.name.empty() && metadata->text("name") != query_.name) return false;
    const auto labels = metadata->object("labels");
    return labels_.matches([&](std::string_view key) -> std::optional<std::string_view> {
      if (!labels || !labels->find(key)) return std::nullopt;
      return labels->text(key);
    });
  }

  const ObjectQuery& query_;
  const LabelSelector labels_;
  simdjson::dom::parser parser_;
  std::string items_;
};

}  // namespace

ObjectSource manifest_objects(std::vector<ManifestFile> files) {
  return [files = std::move(files)](const ObjectQuery& query) -> ObjectList {
    try {
      Finder finder(query);
      for (const ManifestFile& file : files) finder.look_through(file);
      return {std::move(finder).list(), {}};
    } catch (const std::exception& error) {
      return {{}, error.what()};
    }
  };
}

std::string ServiceDetails::selector_text() const {
  std::string text;
  for (const auto& [key, value] : selector) {
    text.append(text.empty() ? "" : ",").append(key).append("=").append(value);
  }
  return text;
}

std::vector<ServiceDetails> read_services(const std::string& json) {
  std::vector<ServiceDetails> services;
  each_item(json, [&](const Fields& fields) {
    ServiceDetails& service = services.emplace_back();
    const auto spec = fields.object("spec");
    service.selector = read_map(spec, "selector");
    service.publish_not_ready = spec && spec->boolean("publishNotReadyAddresses").value_or(false);
  });
  return services;
}

std::vector<SliceDetails> read_slices(const std::string& json) {
  std::vector<SliceDetails> slices;
  each_item(json, [&](const Fields& fields) {
    SliceDetails& slice = slices.emplace_back();
    if (const auto metadata = fields.object("metadata"))
      slice.name = short_text(metadata->text("name"));
    fields.each_object("endpoints", [&](const Fields& endpoint) {
      slice.endpoints.push_back(read_endpoint(endpoint));
    });
  });
  return slices;
}

std::vector<PodDetails> read_pods(const std::string& json) {
  std::vector<PodDetails> pods;
  each_item(json, [&](const Fields& fields) {
    PodDetails& pod = pods.emplace_back();
    const auto metadata = fields.object("metadata");
    if (metadata)
      pod.key = {short_text(metadata->text("namespace")), short_text(metadata->text("name"))};
    pod.labels = read_map(metadata, "labels");
    if (const auto status = fields.object("status")) {
      pod.phase = short_text(status->text("phase"));
      pod.ip = short_text(status->text("podIP"));
    }
    if (const auto spec = fields.object("spec")) read_pod_spec(*spec, pod);
  });
  return pods;
}

std::optional<std::string> read_config_value(const std::string& json, const std::string& key) {
  std::optional<std::string> found;
  each_item(json, [&](const Fields& fields) {
    const auto data = fields.object("data");
    if (data && data->find(key)) found = std::string(data->text(key));
  });
  return found;
}

}  // namespace fairlead::k8s_watch
