#include "k8s-watch/manifests.h"

#include <algorithm>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "k8s-watch/decode_objects.h"
#include "k8s-watch/fields.h"
#include "k8s-watch/label_selector.h"
#include "k8s-watch/yaml_json.h"

namespace fairlead::k8s_watch {
namespace {

using zones::Kind;

constexpr int kMaxListDepth = 4;

/// The kind that DNS needs; another group's Service (Knative's, for one) is none.
std::optional<Kind> kind_of(std::string_view api_version, std::string_view kind) {
  if (api_version.starts_with("discovery.k8s.io/") && kind == "EndpointSlice")
    return Kind::EndpointSlice;
  if (api_version.starts_with("multicluster.x-k8s.io/") && kind == "ServiceImport")
    return Kind::ServiceImport;
  if (api_version != "v1") return std::nullopt;
  if (kind == "Namespace") return Kind::Namespace;
  if (kind == "Service") return Kind::Service;
  if (kind == "Pod") return Kind::Pod;
  return std::nullopt;
}

/// Without endpoints those of imports are read all the same.
Extras slice_extras(const WatchOptions& options) {
  Extras extras = options.extras;
  extras.only_imported = !options.endpoint_slices;
  return extras;
}

/// Gathers the objects of all documents.
class Gatherer {
 public:
  explicit Gatherer(const WatchOptions& options)
      : options_(options),
        extras_(slice_extras(options)),
        labels_(LabelSelector::parse(options.labels)),
        namespace_labels_(LabelSelector::parse(options.namespace_labels)) {}

  void read_file(const ManifestFile& file);
  ManifestObjects finish() &&;

 private:
  /// The type that a list gives its items when they name none, as in the API's own lists.
  struct Inherited {
    std::string api_version, kind;
    int depth = 0;
  };

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(where_ + ": " + what);
  }

  void read_document(const YamlDocument& document);
  void take(simdjson::dom::element json, const Inherited& inherited);
  void take_list(const Fields& fields, std::string_view api_version, std::string_view kind,
                 int depth);
  void take_object(Kind kind, simdjson::dom::element json, const Fields& fields);
  [[nodiscard]] bool wanted(Kind kind, const Fields& fields) const;
  void keep(Object&& object, zones::ObjectKey&& key);

  const WatchOptions& options_;
  const Extras extras_;
  const LabelSelector labels_;
  const LabelSelector namespace_labels_;
  std::string where_;  // file, document and line of what is being read
  simdjson::dom::parser parser_;
  ManifestObjects result_;
};

// As Windows' editors and PowerShell's `>` write: with a mark, or with a NUL beside each letter.
bool is_utf16(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ||
         text.substr(0, 4).find('\0') != std::string_view::npos;
}

void Gatherer::read_file(const ManifestFile& file) {
  where_ = file.name;
  if (is_utf16(file.text)) fail("the file is UTF-16; manifests are read as UTF-8");
  size_t number = 0;
  for (const YamlDocument& document : split_documents(file.text)) {
    const std::string place = file.name + ": document " + std::to_string(++number) + ", line ";
    where_ = place + std::to_string(document.line);
    try {
      read_document(document);
    } catch (const YamlError& error) {
      where_ = place + std::to_string(document.line + error.line - 1);
      fail(error.what());
    }
  }
}

void Gatherer::read_document(const YamlDocument& document) {
  simdjson::dom::element json;
  // What is JSON already is taken as it is; a mistake in it is better explained by the YAML parser,
  // which has lines.
  const size_t first = document.text.find_first_not_of(" \t\r\n");
  const bool looks_like_json = first != std::string::npos && document.text[first] == '{';
  if (!looks_like_json || parser_.parse(document.text).get(json) != simdjson::SUCCESS) {
    const auto error = parser_.parse(yaml_to_json(document.text)).get(json);
    if (error != simdjson::SUCCESS) fail(simdjson::error_message(error));
  }
  if (!json.is_null()) take(json, {});
}

void Gatherer::take(simdjson::dom::element json, const Inherited& inherited) {
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS) fail("not a Kubernetes object");
  Rejection rejection;
  const Fields fields(object, "", rejection);
  std::string_view api_version = fields.text("apiVersion");
  std::string_view kind = fields.text("kind");
  if (kind.empty()) kind = inherited.kind;
  if (api_version.empty()) api_version = inherited.api_version;
  if (!rejection.reason.empty() || kind.empty() || api_version.empty())
    fail("not a Kubernetes object: no apiVersion or kind");
  if (kind.ends_with("List") && fields.find("items")) {
    if (inherited.depth >= kMaxListDepth) fail("lists within lists");
    take_list(fields, api_version, kind, inherited.depth);
    if (!rejection.reason.empty())
      fail("the items of a " + std::string(kind) + " are no list of objects");
  } else if (const auto known = kind_of(api_version, kind)) {
    take_object(*known, json, fields);
  }
}

void Gatherer::take_list(const Fields& fields, std::string_view api_version, std::string_view kind,
                         int depth) {
  Inherited inherited{std::string(api_version), std::string(kind.substr(0, kind.size() - 4)),
                      depth + 1};
  // A plain List holds objects of any kind.
  if (inherited.kind.empty()) inherited = {{}, {}, depth + 1};
  fields.each<simdjson::dom::element>("items",
                                      [&](simdjson::dom::element item) { take(item, inherited); });
}

bool Gatherer::wanted(Kind kind, const Fields& fields) const {
  if (kind == Kind::EndpointSlice && !options_.endpoint_slices && !extras_.imports) return false;
  if (kind == Kind::ServiceImport && !extras_.imports) return false;
  if (kind == Kind::Pod && !options_.pods) return false;
  const LabelSelector& selector = kind == Kind::Namespace ? namespace_labels_ : labels_;
  const auto metadata = fields.object("metadata");
  const auto labels = metadata ? metadata->object("labels") : std::nullopt;
  return selector.matches([&](std::string_view key) -> std::optional<std::string_view> {
    if (!labels || !labels->find(key)) return std::nullopt;
    return labels->text(key);
  });
}

void Gatherer::take_object(Kind kind, simdjson::dom::element json, const Fields& fields) {
  if (!wanted(kind, fields)) return;
  Decoded decoded = decode_object(kind, json, {.extras = extras_}, "default");
  if (auto skip = skip_of(decoded)) {
    skip->detail = where_ + ": " + skip->detail;
    result_.skipped.push_back({kind, std::move(*skip)});
  }
  if (decoded.object) keep(std::move(*decoded.object), std::move(decoded.key));
}

void Gatherer::keep(Object&& object, zones::ObjectKey&& key) {
  if (auto* service = std::get_if<zones::Service>(&object)) {
    result_.services.insert_or_assign(std::move(key), std::move(*service));
  } else if (auto* slice = std::get_if<zones::EndpointSlice>(&object)) {
    result_.slices.insert_or_assign(std::move(key), std::move(*slice));
  } else if (auto* pod = std::get_if<zones::Pod>(&object)) {
    result_.pods.insert_or_assign(std::move(key), std::move(*pod));
  } else if (auto* import = std::get_if<zones::ServiceImport>(&object)) {
    result_.imports.insert_or_assign(std::move(key), std::move(*import));
  } else if (auto* space = std::get_if<zones::Namespace>(&object)) {
    result_.namespaces.insert_or_assign(std::move(key), std::move(*space));
  }
}

ManifestObjects Gatherer::finish() && {
  const auto declare_namespaces_of = [&](const auto& objects) {
    for (const auto& [key, object] : objects) {
      result_.namespaces.try_emplace({{}, key.namespace_name},
                                     zones::Namespace{key.namespace_name});
    }
  };
  if (options_.namespace_labels.empty()) {
    declare_namespaces_of(result_.services);
    declare_namespaces_of(result_.slices);
    declare_namespaces_of(result_.pods);
    declare_namespaces_of(result_.imports);
  }
  return std::move(result_);
}

}  // namespace

ManifestObjects read_manifests(const std::vector<ManifestFile>& files,
                               const WatchOptions& options) {
  Gatherer gatherer(options);
  for (const ManifestFile& file : files) gatherer.read_file(file);
  return std::move(gatherer).finish();
}

}  // namespace fairlead::k8s_watch
