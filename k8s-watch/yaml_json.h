// YAML documents as JSON text, so that manifests go through the same decoding as the API's own
// objects. No tree of the document is built: memory stays near the size of the text. Internal to
// manifests.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::k8s_watch {

struct YamlError : std::runtime_error {
  YamlError(size_t at, const std::string& what) : std::runtime_error(what), line(at) {}
  size_t line;  // from 1, within the text given
};

struct YamlDocument {
  size_t line;       // of the file, where the text begins, from 1
  std::string text;  // with the marker's dashes blanked
};

/// Cuts a file at its "---" and "..." lines. Documents of nothing but comments and directives are
/// left out.
std::vector<YamlDocument> split_documents(std::string_view text);

/// One document as JSON. Plain scalars that look like JSON's null, true, false and numbers become
/// those, everything else a string. Aliases are written out; at most kMaxJson octets altogether.
/// Throws YamlError, also for what JSON cannot say (keys that are no scalars) and for merge keys
/// ("<<"), which are not supported.
std::string yaml_to_json(const std::string& document);

/// A scalar that yaml-cpp gives this tag ("?" without quotes, "!" with them), by the same rule.
std::string scalar_to_json(const std::string& tag, const std::string& text);

inline constexpr size_t kMaxJson = 64U << 20U;

}  // namespace fairlead::k8s_watch
